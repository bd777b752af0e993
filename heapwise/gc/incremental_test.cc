// The incremental mode, in a program of its own: it stays on for the rest of a process.

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/debug.h"
#include "heapwise/finalizer.h"
#include "heapwise/gc/cycle.h"
#include "heapwise/gc/fast_path.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/modes.h"
#include "testing/eventually.h"

namespace heapwise::runtime {
namespace {

struct Node {
  Node* left;
  Node* right;
};

Node* Build(int depth) {
  return depth < 0 ? nullptr : New<Node>(Build(depth - 1), Build(depth - 1));
}

uint64_t Count(const Node* tree) {
  return tree == nullptr ? 0 : 1 + Count(tree->left) + Count(tree->right);
}

// How often a collection said that it begins.
std::atomic<uint64_t> starts{0};
const bool counting = (internal::AtCollectionStart([] { starts.fetch_add(1); }), true);

class IncrementalTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    EnableIncremental(std::chrono::milliseconds(5));
    EXPECT_EQ(internal::check_threshold, 0u) << "from now on each batch asks";
  }
};

TEST_F(IncrementalTest, IsVisible) {
  EXPECT_EQ(CurrentMode(), Mode::kIncremental);
  EXPECT_EQ(std::string(ReadHeapCounters().mode), "incremental");
  EXPECT_EQ(Markers(), 1);
}

// Half of the target: that is how long bdwgc marks before it looks at the clock.
TEST_F(IncrementalTest, TheTargetOfAPauseIsBdwgcsLimit) {
  const GC_timeval_s limit = GC_get_time_limit_tv();
  EXPECT_EQ(limit.tv_ms, 2u);
  EXPECT_EQ(limit.tv_nsec, 500'000u);
}

TEST_F(IncrementalTest, NothingIsLostWhileTheProgramChangesTheHeap) {
  Node* const live = Build(17);
  const uint64_t before = CollectionLog::Next();
  const auto churn = [] {
    // A tree whose parts are exchanged all the time: the write barrier has to notice.
    Node* const tree = Build(12);
    for (int i = 0; i < 2000; ++i) {
      Node* parent = tree;
      for (int level = 0; level < 6; ++level)
        parent = (i >> level) % 2 == 0 ? parent->left : parent->right;
      parent->left = Build(4);
      std::swap(parent->left, parent->right);
      parent->left = Build(4);
    }
    EXPECT_NE(tree->left, nullptr);
  };
  std::thread other([&] {
    ThreadScope scope;
    churn();
  });
  churn();
  other.join();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Count(Build(12)), (uint64_t{2} << 12) - 1);
  EXPECT_EQ(Count(live), (uint64_t{2} << 17) - 1);
  EXPECT_GT(CollectionLog::Next(), before);
}

std::atomic<int> intact{0};
std::atomic<int> broken{0};

// Trees that move from one object with a finalizer to another while it is marked.
[[gnu::noinline]] void DropTreesWithFinalizers(int n) {
  Node* carried = Build(3);
  for (int i = 0; i < n; ++i) {
    Node* const object = New<Node>(Build(3), nullptr);
    SetFinalizer(object, [](Node* dead) {
      ++(Count(dead->left) == 15 && Count(dead->right) == 15 ? intact : broken);
    });
    for (int k = 0; k < 20; ++k) Build(3);
    object->right = carried;
    std::swap(object->left, object->right);
    carried = Build(3);
  }
}

TEST_F(IncrementalTest, FinalizersRunWithoutBeingAskedForAndFindAllThere) {
  Node* const live = Build(15);
  DropTreesWithFinalizers(20'000);
  EXPECT_TRUE(test::Eventually([] {
    Build(12);
    return intact + broken > 19'000;
  }));
  EXPECT_EQ(broken, 0);
  EXPECT_EQ(Count(live), (uint64_t{2} << 15) - 1);
}

TEST_F(IncrementalTest, AForcedCollectionIsFullAndCompleteWhenItReturns) {
  const uint64_t since = CollectionLog::Next();
  GC();
  const CollectionLog::Slice slice = CollectionLog::Since(since);
  ASSERT_FALSE(slice.collections.empty());
  EXPECT_TRUE(slice.collections.back().forced);
  EXPECT_EQ(std::string(slice.collections.back().kind), "full");
}

TEST_F(IncrementalTest, MappedMemoryStaysUnderALimit) {
  debug::SetGCPercent(-1);
  Node* const live = Build(18);  // 16 MiB
  for (const uint64_t mib : {48, 96}) {
    const uint64_t limit = mib << 20;
    debug::SetMemoryLimit(static_cast<int64_t>(limit));
    uint64_t peak = 0;
    for (int i = 0; i < 300; ++i) {
      EXPECT_EQ(Count(Build(13)), (uint64_t{2} << 13) - 1);  // 1 MiB
      peak = std::max(peak, ReadHeapCounters().sys_minus_released);
    }
    EXPECT_LE(peak, limit + limit / 100) << mib;
    EXPECT_GE(peak, limit * 3 / 4) << mib << ": the limit is there to be used";
  }
  debug::SetMemoryLimit(std::numeric_limits<int64_t>::max());
  debug::SetGCPercent(100);
  EXPECT_EQ(Count(live), (uint64_t{2} << 18) - 1);
}

// However often it stops the world.
// A tree whose pages are protected, changed with all signals blocked but those that a first allocation opens.
TEST_F(IncrementalTest, AThreadMayBlockAllSignalsBeforeItWritesIntoTheHeap) {
  int64_t old = 0;
  std::thread([&old] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const ThreadScope scope;
    Node* const tree = Build(15);
    internal::CollectIfDueSlow(0);
    for (int i = 0; i < 3; ++i) GC();
    for (Node* node = tree; node != nullptr; node = std::exchange(node->left, nullptr)) ++old;
  }).join();
  EXPECT_EQ(old, 16);
}

TEST_F(IncrementalTest, AForkMayBeMadeWithAllSignalsBlocked) {
  std::atomic<bool> done{false};
  std::thread other([&done] {
    const ThreadScope scope;
    while (!done) Build(10);
  });
  for (int i = 0; i < 50; ++i) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t child = fork();
    if (child == 0) {
      sigset_t now;
      pthread_sigmask(SIG_BLOCK, nullptr, &now);
      _exit(sigismember(&now, SIGSEGV) == 1 ? 0 : 1);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    int status = -1;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0) << "fork " << i;
  }
  done = true;
  other.join();
}

TEST_F(IncrementalTest, ACollectionBeginsOnce) {
  Node* const live = Build(19);
  GC();
  const uint64_t since = CollectionLog::Next();
  const uint64_t before = starts;
  for (int i = 0; i < 20; ++i) {
    for (int n = 0; n < 20; ++n) Build(12);
    GC();
  }
  EXPECT_EQ(starts - before, CollectionLog::Next() - since);
  EXPECT_EQ(Count(live), (uint64_t{2} << 19) - 1);
}

TEST_F(IncrementalTest, PausesAddUp) {
  const uint64_t since = CollectionLog::Next();
  const uint64_t before = ReadHeapCounters().pause_total_ns;
  for (int i = 0; i < 200; ++i) Build(12);
  GC();
  uint64_t sum = 0;
  for (const Collection& c : CollectionLog::Since(since).collections) {
    EXPECT_LE(c.stop_ns + c.mark_ns, c.pause_ns);
    sum += c.pause_ns;
  }
  EXPECT_EQ(ReadHeapCounters().pause_total_ns - before, sum);
}

TEST_F(IncrementalTest, AMarkStepIsAPause) {
  const uint64_t longest = ReadHeapCounters().max_pause_ns;
  const uint64_t since = CollectionLog::Next();
  internal::NoteMarkStep(longest + 1000);
  internal::NoteMarkStep(17);
  EXPECT_EQ(ReadHeapCounters().max_pause_ns, longest + 1000) << "before the cycle has ended";
  GC();
  const Collection c = CollectionLog::Since(since).collections.at(0);
  EXPECT_GE(c.max_pause_ns, longest + 1000);
  EXPECT_GE(c.concurrent_mark_ns, longest + 1017);
  EXPECT_GE(c.gc_cpu_ns, c.pause_ns + c.concurrent_mark_ns + c.sweep_ns);
  GC();
  EXPECT_LT(CollectionLog::Since(CollectionLog::Next() - 1).collections.at(0).concurrent_mark_ns,
            longest + 1000)
      << "a step counts once";
}

// What is allocated between the stops of a cycle, and lives, is a survivor of it. A cycle of what is young finds alive what
// waited on a free list during the last one: up to a block.
TEST_F(IncrementalTest, FreesAreExact) {
  constexpr uint64_t kDropped = 20'000;
  constexpr double kSlack = 256;
  Node* const live = Build(18);  // so that one stop does not do
  GC();
  MemStats before;
  ReadMemStats(&before);
  [&]() __attribute__((noinline)) {
    for (uint64_t i = 0; i < kDropped; ++i) New<Node>();
  }
  ();
  Node* kept = nullptr;
  while (ReadHeapCounters().num_gc == before.NumGC) {
    for (int i = 0; i < 1000; ++i) kept = New<Node>(kept, nullptr);
  }
  MemStats after;
  ReadMemStats(&after);
  EXPECT_NEAR(static_cast<double>(after.Frees - before.Frees), kDropped, kSlack);
  EXPECT_NEAR(static_cast<double>(after.HeapAlloc - before.HeapAlloc),
              static_cast<double>(after.TotalAlloc - before.TotalAlloc) - kDropped * sizeof(Node),
              kSlack * sizeof(Node));
  EXPECT_NE(kept, nullptr);
  EXPECT_EQ(Count(live), (uint64_t{2} << 18) - 1);
}

}  // namespace
}  // namespace heapwise::runtime
