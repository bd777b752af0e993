#include "heapwise/root.h"

#include <atomic>
#include <barrier>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/modes.h"
#include "heapwise/testdata/retention.h"

namespace heapwise::runtime {
namespace {

struct Animal {
  virtual ~Animal() = default;
  int64_t legs = 4;
};
struct Named {
  virtual ~Named() = default;
  int64_t name = 7;
};
struct Dog : Animal, Named {};

static_assert(sizeof(Root<Node>) == sizeof(void*));
static_assert(std::is_nothrow_move_constructible_v<Root<Node>>);
static_assert(std::is_nothrow_move_assignable_v<Root<Node>>);
static_assert(std::is_convertible_v<Root<Dog>, Root<const Named>>);
static_assert(!std::is_convertible_v<Root<Named>, Root<Dog>>);
static_assert(!std::is_convertible_v<Root<const Node>, Root<Node>>);

TEST(RootTest, RetainsUntilItIsDestroyed) {
  EXPECT_EQ(FreedOf(2000, [](Node* node) { return Root(node); }), 0u);
  EXPECT_GT(FreedOf(2000, [](Node* node) { return Root(node).Get(); }), 1900u);  // gone again
  EXPECT_GT(FreedOf(2000,
                    [](Node* node) {
                      Root root(node);
                      root = Root<Node>();
                      return root;
                    }),
            1900u);
}

TEST(RootTest, IsAPointer) {
  const Root<Node> null;
  EXPECT_FALSE(null);
  EXPECT_EQ(null.Get(), nullptr);
  EXPECT_FALSE(Root<Node>(nullptr));
  Node* const node = New<Node>(nullptr, 5);
  Root root(node);
  EXPECT_TRUE(root);
  EXPECT_EQ(root->value, 5);
  EXPECT_EQ((*root).value, 5);
  EXPECT_EQ(root, node);
  Root copy = root;
  EXPECT_EQ(copy, root);
  Root moved = std::move(root);
  EXPECT_EQ(moved.Get(), node);
  EXPECT_FALSE(root);  // NOLINT: what a moved one is
  const Root<Node>& same = moved;
  moved = same;
  EXPECT_EQ(moved.Get(), node);
  std::swap(copy, moved);
  moved = {};
  EXPECT_FALSE(moved);
  EXPECT_EQ(copy.Get(), node);
}

TEST(RootTest, ConvertsAsPointersDo) {
  const Root dog(New<Dog>());
  const Root<Named> named = dog;  // the second base class: another address
  EXPECT_EQ(named.Get(), dog.Get());
  EXPECT_EQ(named->name, 7);
  const Root<const Animal> animal = dog;
  EXPECT_EQ(animal->legs, 4);
}

TEST(RootTest, AnInteriorPointerRetainsTheWhole) {
  EXPECT_EQ(FreedOf(100, [](Node* node) { return Root(&node->value); }), 0u);
}

TEST(RootTest, SelfAssignmentKeeps) {
  Root root(MakeNode(5));
  Root<Node>& same = root;
  root = same;
  root = std::move(same);
  ASSERT_TRUE(root);
  ClearDeadStack();
  GC();
  Churn();
  EXPECT_EQ(root->value, 5);
}

// A million of them, each to an object of its own, take a word each and their objects; when they are gone, so are those.
TEST(RootTest, AMillionTakeAWordEach) {
  constexpr size_t kMillion = 1'000'000;
  Node* const node = MakeNode(5);
  std::vector<Root<Node>> roots(kMillion);
  const size_t before = GC_get_heap_size() - GC_get_free_bytes();
  for (Root<Node>& root : roots) root = Root(node);
  const size_t taken = GC_get_heap_size() - GC_get_free_bytes() - before;
  EXPECT_LT(taken, kMillion * (sizeof(void*) + 2));
  roots.clear();
  EXPECT_EQ(FreedOf(100'000, [](Node* held) { return Root(held); }), 0u);
  EXPECT_GT(FreedOf(100'000, [](Node* held) { return Root(held).Get() != nullptr; }), 99'000u);
}

TEST(RootTest, IsNotCountedAsAnObject) {
  GC();
  MemStats before;
  ReadMemStats(&before);
  {
    Node* const node = New<Node>();
    const std::vector<Root<Node>> roots(10'000, Root(node));
    GC();
    MemStats during;
    ReadMemStats(&during);
    EXPECT_LE(during.HeapObjects, before.HeapObjects + 10);
    EXPECT_LE(during.HeapAlloc, before.HeapAlloc + 1000);
  }
}

// Slots are used again: what a million Roots in a row take is what one does.
TEST(RootTest, SlotsAreUsedAgain) {
  Node* const node = New<Node>();
  std::vector<Root<Node>> many(1000, Root(node));
  many.clear();
  const size_t before = GC_get_total_bytes();
  for (int i = 0; i < 1'000'000; ++i) Root<Node> root(node);
  for (int i = 0; i < 100; ++i) many.assign(1000, Root(node));
  EXPECT_LT(GC_get_total_bytes() - before, size_t{64} << 10);
}

// Also where one thread makes them and another one destroys them.
TEST(RootTest, SlotsGoFromThreadToThread) {
  std::vector<Root<Node>> roots;
  std::barrier both(2);
  constexpr int kTimes = 100;
  std::thread destroying([&] {
    const ThreadScope scope;
    New<Node>();
    for (int i = 0; i < kTimes; ++i) {
      both.arrive_and_wait();
      roots.clear();
      both.arrive_and_wait();
    }
  });
  Node* const node = New<Node>();
  size_t before = 0;
  for (int i = 0; i < kTimes; ++i) {
    roots.assign(5000, Root(node));
    if (i == 1) before = GC_get_total_bytes();
    both.arrive_and_wait();
    both.arrive_and_wait();
  }
  destroying.join();
  EXPECT_LT(GC_get_total_bytes() - before,
            size_t{1} << 20);  // 500,000 slots were taken, of 8 bytes
}

TEST(RootTest, SlotsOfThreadsThatEndAreUsedAgain) {
  Node* const node = MakeNode(1);
  std::set<void**> of_thread;
  std::thread([&] {
    const ThreadScope scope;
    MakeNode(2);
    for (int i = 0; i < 50; ++i) of_thread.insert(internal::TakeRootSlot(node));
    for (void** const slot : of_thread) internal::GiveRootSlot(slot);
  }).join();
  // What the thread had at hand comes next when what this one has is used up.
  std::vector<void**> taken;
  for (int i = 0; i < 300; ++i) taken.push_back(internal::TakeRootSlot(node));
  size_t again = 0;
  for (void** const slot : taken) {
    again += of_thread.count(slot);
    internal::GiveRootSlot(slot);
  }
  EXPECT_EQ(again, of_thread.size());
}

// Without a mutex, and most of them without slots at hand.
TEST(RootTest, ThreadsDoNotGetTheSameSlot) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&wrong, own = Root(MakeNode(t)), t] {
      std::unique_ptr<ThreadScope> scope;
      if (t == 0) scope = std::make_unique<ThreadScope>();
      for (int i = 0; i < 100'000; ++i) {
        const Root<Node> one = own;
        const Root<Node> two = one;
        if (one.Get() != own.Get() || two.Get() != own.Get()) wrong.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST(RootTest, ThreadsHandThemOn) {
  std::mutex mutex;
  std::vector<Root<Node>> shelf;
  std::atomic<int64_t> next{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      // Every other one is not registered: it may carry roots, but not look at what they point to.
      std::unique_ptr<ThreadScope> scope;
      if (t % 2 == 0) scope = std::make_unique<ThreadScope>();
      for (int i = 0; i < 20'000; ++i) {
        Root<Node> taken;
        {
          const std::lock_guard lock(mutex);
          if (shelf.size() > 200) {
            taken = std::move(shelf[static_cast<size_t>(i) % shelf.size()]);
            shelf[static_cast<size_t>(i) % shelf.size()] = shelf.back();
            shelf.pop_back();
          }
        }
        if (scope != nullptr && taken && taken->value != int64_t{42}) wrong.fetch_add(1);
        Root<Node> given = taken;
        if (scope != nullptr && (!taken || i % 3 == 0)) given = Root(New<Node>(nullptr, 42));
        if (given) {
          const std::lock_guard lock(mutex);
          shelf.push_back(given);
        }
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    GC();
    Churn();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
}

// A thread that the collector does not stop copies from one slot to another while all are marked.
TEST(RootTest, CopiesOfUnregisteredThreadsAreNotLostWhileMarking) {
  std::vector<Root<Node>> roots;
  for (int i = 0; i < 1000; ++i) roots.emplace_back(New<Node>(nullptr, 42));
  std::atomic<bool> done{false};
  std::thread unregistered([&] {
    while (!done.load()) {
      for (Root<Node>& root : roots) {
        Root<Node> copy = root;
        root = {};
        root = copy;
      }
    }
  });
  for (int i = 0; i < 200; ++i) GC();
  done.store(true);
  unregistered.join();
  GC();
  Churn();
  int lost = 0;
  for (const Root<Node>& root : roots) lost += root->value == 42 ? 0 : 1;
  EXPECT_EQ(lost, 0);
}

TEST(RootTest, TheChildOfAForkHasThem) {
  const Root root(New<Node>(nullptr, 42));
  std::atomic<bool> done{false};
  std::thread busy([&] {
    const ThreadScope scope;
    Node* const node = New<Node>();
    while (!done.load()) std::vector<Root<Node>> roots(300, Root(node));
  });
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(StatusInAChild([&root] {
                std::vector<Root<Node>> roots;
                for (int n = 0; n < 2000; ++n) roots.emplace_back(New<Node>(nullptr, n));
                GC();
                Churn();
                for (int n = 0; n < 2000; ++n) {
                  ASSERT_EQ(roots[static_cast<size_t>(n)]->value, n);
                }
                EXPECT_EQ(root->value, 42);
              }),
              0);
  }
  done.store(true);
  busy.join();
}

TEST(RootTest, RetainsInTheIncrementalMode) {
  EXPECT_EQ(StatusInAChild([] {
              EnableIncremental(std::chrono::milliseconds(1));
              std::vector<Root<Node>> roots;
              for (int i = 0; i < 200'000; ++i) roots.emplace_back(New<Node>(nullptr, i));
              for (int round = 0; round < 20; ++round) {
                Churn();
                for (size_t i = 0; i < roots.size(); i += 7) {
                  roots[i] = Root(New<Node>(nullptr, static_cast<int64_t>(i)));
                }
              }
              GC();
              int lost = 0;
              for (size_t i = 0; i < roots.size(); ++i) {
                lost += roots[i]->value == static_cast<int64_t>(i) ? 0 : 1;
              }
              EXPECT_EQ(lost, 0);
            }),
            0);
}

}  // namespace
}  // namespace heapwise::runtime
