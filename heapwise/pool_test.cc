#include "heapwise/pool.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/debug.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

namespace heapwise::sync {
namespace {

struct Item {
  int64_t id = 0;
  std::atomic<int> users{0};
};

Item* MakeItem(int64_t id) {
  Item* item = runtime::New<Item>();
  item->id = id;
  return item;
}

// No collection but those that a test asks for.
class PoolTest : public testing::Test {
 protected:
  void SetUp() override { debug::SetGCPercent(-1); }
  void TearDown() override { debug::SetGCPercent(100); }
};

TEST_F(PoolTest, AnEmptyPoolMakesANewObject) {
  int made = 0;
  Pool<Item> pool([&made] { return MakeItem(++made); });
  EXPECT_EQ(pool.Get()->id, 1);
  EXPECT_EQ(pool.Get()->id, 2);
}

TEST_F(PoolTest, WithoutNewAnEmptyPoolGivesNull) {
  Pool<Item> pool;
  EXPECT_EQ(pool.Get(), nullptr);
  pool.Put(nullptr);
  EXPECT_EQ(pool.Get(), nullptr);
}

TEST_F(PoolTest, ObjectsMayBeConst) {
  Pool<const Item> pool([] { return MakeItem(1); });
  const Item* const item = pool.Get();
  pool.Put(item);
  EXPECT_EQ(pool.Get(), item);
}

TEST_F(PoolTest, OneTwoThreeComeBackAsOneThreeTwoNew) {
  Pool<Item> pool([] { return MakeItem(99); });
  for (int64_t id : {1, 2, 3}) pool.Put(MakeItem(id));
  for (int64_t id : {1, 3, 2, 99}) EXPECT_EQ(pool.Get()->id, id);
}

TEST_F(PoolTest, ManyComeBackOnceEach) {
  Pool<Item> pool;
  for (int64_t id = 0; id < 1000; ++id) pool.Put(MakeItem(id));
  std::set<int64_t> seen;
  while (Item* item = pool.Get()) EXPECT_TRUE(seen.insert(item->id).second);
  EXPECT_EQ(seen.size(), 1000u);
}

TEST_F(PoolTest, AnIdleObjectSurvivesOneCollection) {
  Pool<Item> pool;
  for (int64_t id : {1, 2, 3}) pool.Put(MakeItem(id));
  runtime::GC();
  for (int64_t id : {1, 2, 3}) {
    Item* item = pool.Get();
    ASSERT_NE(item, nullptr);
    // The victims' slot first, then their list from its tail, as in Go.
    EXPECT_EQ(item->id, id);
  }
  EXPECT_EQ(pool.Get(), nullptr);
}

TEST_F(PoolTest, AnIdleObjectIsGoneAfterTwoCollections) {
  Pool<Item> pool;
  for (int64_t id : {1, 2, 3}) pool.Put(MakeItem(id));
  runtime::GC();
  runtime::GC();
  EXPECT_EQ(pool.Get(), nullptr);
}

TEST_F(PoolTest, AnObjectInUseKeepsItsPlace) {
  Pool<Item> pool;
  pool.Put(MakeItem(7));
  for (int i = 0; i < 10; ++i) {
    runtime::GC();
    Item* item = pool.Get();
    ASSERT_NE(item, nullptr);
    EXPECT_EQ(item->id, 7);
    pool.Put(item);
  }
}

TEST_F(PoolTest, OneThreadStealsTheListOfAnotherButNotItsSlot) {
  Pool<Item> pool;
  for (int64_t id : {1, 2, 3, 4}) pool.Put(MakeItem(id));
  std::vector<int64_t> stolen;
  std::thread([&] {
    runtime::ThreadScope scope;
    while (Item* item = pool.Get()) stolen.push_back(item->id);
  }).join();
  EXPECT_EQ(stolen, (std::vector<int64_t>{2, 3, 4})) << "from the tail, the oldest first";
  EXPECT_EQ(pool.Get()->id, 1);
  EXPECT_EQ(pool.Get(), nullptr);
}

TEST_F(PoolTest, ANewThreadTakesOverWhatAnEndedOneLeft) {
  Pool<Item> pool;
  std::thread([&] {
    runtime::ThreadScope scope;
    pool.Put(MakeItem(5));
  }).join();
  Item* item = nullptr;
  std::thread([&] {
    runtime::ThreadScope scope;
    item = pool.Get();
  }).join();
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->id, 5);
}

TEST_F(PoolTest, PoolsAreIndependent) {
  Pool<Item> a;
  {
    Pool<Item> b;
    b.Put(MakeItem(1));
    EXPECT_EQ(a.Get(), nullptr);
    EXPECT_EQ(b.Get()->id, 1);
    b.Put(MakeItem(2));
  }
  Pool<Item> c;
  EXPECT_EQ(c.Get(), nullptr);
  runtime::GC();
}

// However many there are, and whichever of them is gone.
TEST_F(PoolTest, EveryPoolDropsItsIdleObjects) {
  std::vector<std::unique_ptr<Pool<Item>>> pools;
  for (int i = 0; i < 5; ++i) pools.push_back(std::make_unique<Pool<Item>>());
  pools.erase(pools.begin() + 1);  // from the middle
  pools.pop_back();                // and the newest
  pools.push_back(std::make_unique<Pool<Item>>());
  for (const auto& pool : pools) {
    for (int64_t id : {1, 2, 3}) pool->Put(MakeItem(id));
  }
  runtime::GC();
  for (const auto& pool : pools) EXPECT_NE(pool->Get(), nullptr);
  runtime::GC();
  for (const auto& pool : pools) EXPECT_EQ(pool->Get(), nullptr);
}

// A thread that ends leaves what it had in each of them.
TEST_F(PoolTest, WhatAThreadLeavesInManyPoolsIsTakenOver) {
  constexpr int kPools = 40;  // more than its table has room for at first
  std::vector<std::unique_ptr<Pool<Item>>> pools;
  for (int i = 0; i < kPools; ++i) pools.push_back(std::make_unique<Pool<Item>>());
  const auto in_a_thread = [](auto work) {
    std::thread([&work] {
      runtime::ThreadScope scope;
      work();
    }).join();
  };
  in_a_thread([&] {
    for (int i = 0; i < kPools; ++i) pools[static_cast<size_t>(i)]->Put(MakeItem(i));
  });
  in_a_thread([&] {
    for (int i = kPools - 1; i >= 0; --i) {
      const Item* item = pools[static_cast<size_t>(i)]->Get();
      ASSERT_NE(item, nullptr) << i;
      EXPECT_EQ(item->id, i);
    }
  });
}

// The ring is full at 16, 32 and so on, wherever in it the oldest is.
TEST_F(PoolTest, AListGrowsAroundWhateverIsInIt) {
  for (int64_t taken = 0; taken < 20; ++taken) {
    Pool<Item> pool;
    pool.Put(MakeItem(-1));  // into the slot
    std::vector<int64_t> expected;
    for (int64_t id = 0; id < 15; ++id) pool.Put(MakeItem(id));
    // From the tail, as thieves do.
    std::vector<int64_t> stolen;
    std::thread([&] {
      runtime::ThreadScope scope;
      for (int64_t i = 0; i < std::min<int64_t>(taken, 15); ++i) stolen.push_back(pool.Get()->id);
    }).join();
    for (size_t i = 0; i < stolen.size(); ++i) EXPECT_EQ(stolen[i], static_cast<int64_t>(i));
    for (int64_t id = 15; id < 90; ++id) pool.Put(MakeItem(id));
    EXPECT_EQ(pool.Get()->id, -1);
    for (int64_t id = 89; id >= static_cast<int64_t>(stolen.size()); --id) {
      const Item* item = pool.Get();
      ASSERT_NE(item, nullptr) << id;
      EXPECT_EQ(item->id, id) << "the newest first";
    }
    EXPECT_EQ(pool.Get(), nullptr);
  }
}

// Nor in the collected heap, where a list of 32 takes 256 bytes.
TEST_F(PoolTest, PoolsThatAreGoneLeaveNothingUncollectable) {
  const auto use_one = [] {
    Pool<Item> pool;
    for (int64_t id = 0; id < 20; ++id) pool.Put(MakeItem(id));
    runtime::GC();  // the list is among the victims now
    for (int64_t id = 0; id < 20; ++id) pool.Put(MakeItem(id));
  };
  use_one();
  runtime::GC();
  const uint64_t before = runtime::ReadHeapCounters().heap_marked;
  for (int i = 0; i < 300; ++i) use_one();
  runtime::GC();
  EXPECT_LT(runtime::ReadHeapCounters().heap_marked, before + 300 * 64);
}

// What a thread remembers of pools goes by how many there are at a time.
TEST_F(PoolTest, PoolsThatAreGoneLeaveNoMemoryBehind) {
  const auto use_one = [](int64_t id) {
    Pool<Item> pool;
    EXPECT_EQ(pool.Get(), nullptr) << "what an earlier pool held is none of this one's";
    pool.Put(MakeItem(id));
    EXPECT_EQ(pool.Get()->id, id);
    pool.Put(MakeItem(-id));
  };
  const auto in_use = [] {
    const struct mallinfo2 memory = mallinfo2();
    return memory.uordblks + memory.hblkhd;
  };
  use_one(1);
  const size_t before = in_use();
  for (int i = 0; i < 100'000; ++i) use_one(i);
  EXPECT_LT(in_use(), before + 100'000);
}

TEST_F(PoolTest, PooledObjectsAreRetainedAndDroppedOnesCollected) {
  Pool<Item> pool;
  for (int64_t id = 0; id < 100; ++id) pool.Put(MakeItem(id));
  runtime::GC();
  for (int i = 0; i < 100000; ++i) MakeItem(-1);
  int found = 0;
  while (Item* item = pool.Get()) {
    EXPECT_GE(item->id, 0);
    ++found;
  }
  EXPECT_EQ(found, 100);
}

// Forbids membarrier(2) to this thread and to those that it starts from now on.
bool ForbidBarriers() {
  sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{.len = std::size(code), .filter = code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// A thief must make all threads pass a barrier before it looks at another's list: where it cannot, it keeps off.
// The race itself would show in one run out of a dozen.
TEST_F(PoolTest, NothingIsStolenWithoutABarrier) {
  constexpr int kCannotForbid = 77;
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    Pool<Item> pool;
    const auto get_in_a_thread = [&pool] {
      Item* item = nullptr;
      std::thread([&] {
        runtime::ThreadScope scope;
        item = pool.Get();
      }).join();
      return item;
    };
    for (int64_t id : {1, 2, 3}) pool.Put(MakeItem(id));
    if (get_in_a_thread() == nullptr) _exit(1);
    if (!ForbidBarriers()) _exit(kCannotForbid);
    if (get_in_a_thread() != nullptr) _exit(2);
    if (pool.Get() == nullptr || pool.Get() == nullptr || pool.Get() != nullptr) _exit(3);
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotForbid) GTEST_SKIP() << "no seccomp here";
  EXPECT_EQ(status, 0) << "exit status " << WEXITSTATUS(status);
}

// No object is ever in two hands, while collections rotate the pool under its users.
// HEAPWISE_POOL_OPERATIONS makes it longer.
TEST_F(PoolTest, ConcurrentUsersNeverShareAnObject) {
  constexpr int kThreads = 4;
  const char* wanted = std::getenv("HEAPWISE_POOL_OPERATIONS");
  const int64_t rounds = (wanted == nullptr ? 800'000 : std::atoll(wanted)) / kThreads;
  Pool<Item> pool([] { return MakeItem(0); });
  std::atomic<int> shared{0};
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      runtime::ThreadScope scope;
      Item* held[4] = {};
      uint32_t random = static_cast<uint32_t>(t) + 1;
      for (int64_t i = 0; i < rounds; ++i) {
        random = random * 1664525 + 1013904223;
        Item*& item = held[random >> 30];
        if (item == nullptr) {
          item = pool.Get();
          ASSERT_NE(item, nullptr);
          if (item->users.fetch_add(1) != 0) shared.fetch_add(1);
        } else {
          item->users.fetch_sub(1);
          pool.Put(item);
          item = nullptr;
        }
      }
    });
  }
  std::thread collector([&] {
    runtime::ThreadScope scope;
    while (!done.load()) runtime::GC();
  });
  for (std::thread& thread : threads) thread.join();
  done.store(true);
  collector.join();
  EXPECT_EQ(shared.load(), 0);
  std::printf("%lld operations, %d objects shared\n", static_cast<long long>(rounds * kThreads),
              shared.load());
}

}  // namespace
}  // namespace heapwise::sync
