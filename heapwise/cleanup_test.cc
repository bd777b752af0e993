#include "heapwise/cleanup.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/debug.h"
#include "heapwise/finalizer.h"
#include "heapwise/gc/gc_events.h"
#include "testing/eventually.h"

namespace heapwise::runtime {
namespace {

using test::Eventually;

struct Node {
  Node* next;
  int64_t value;
};

// Counts the runs of a test, and adds up their arguments; there to the end, as some may come after that of the test.
struct Tally {
  std::atomic<int64_t> sum{0};
  std::atomic<int64_t> runs{0};

  auto Adder() {
    return [this](int64_t n) {
      sum += n;
      ++runs;
    };
  }

  // Collects until there have been so many.
  bool Reaches(int64_t at_least) const {
    return Eventually([this, at_least] {
      if (runs < at_least) GC();
      return runs >= at_least;
    });
  }
};

std::deque<Tally> tallies;

class CleanupTest : public testing::Test {
 protected:
  Tally& tally_ = tallies.emplace_back();
};

// All in frames of their own, so that no pointer stays behind on the stack.
[[gnu::noinline]] void Drop(Tally& tally, int n) {
  for (int i = 0; i < n; ++i) AddCleanup(New<Node>(), tally.Adder(), int64_t{1});
}

TEST_F(CleanupTest, RunsOnceWithItsArgumentWhenTheObjectIsDead) {
  Node* kept = New<Node>();
  const Cleanup of_kept = AddCleanup(kept, tally_.Adder(), int64_t{1'000'000});
  Drop(tally_, 1000);
  EXPECT_TRUE(tally_.Reaches(990));
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_LE(tally_.runs, 1000);
  EXPECT_LE(tally_.sum, 1000);
  EXPECT_EQ(kept->value, 0);
  of_kept.Stop();
}

[[gnu::noinline]] void DropWithSeveral(Tally& tally, int n) {
  for (int i = 0; i < n; ++i) {
    Node* node = New<Node>();
    AddCleanup(node, tally.Adder(), int64_t{1});
    AddCleanup(&node->value, tally.Adder(), int64_t{10});
    AddCleanup(
        node, [add = tally.Adder()](int64_t value) { add(value); }, 100);
    AddCleanup(&MakeSlice<Node>(10)[7].value, tally.Adder(), int64_t{1000});
  }
}

TEST_F(CleanupTest, AnObjectMayHaveSeveralAndBeGivenByAPointerIntoTheMiddle) {
  DropWithSeveral(tally_, 100);
  EXPECT_TRUE(tally_.Reaches(380));
  EXPECT_LE(tally_.runs, 400);
  EXPECT_GE(tally_.sum, 90 * 1111);
  EXPECT_LE(tally_.sum, 100 * 1111);
}

[[gnu::noinline]] void DropStopped(Tally& tally, int n) {
  for (int i = 0; i < n; ++i) {
    Node* node = New<Node>();
    const Cleanup stopped = AddCleanup(node, tally.Adder(), int64_t{1'000'000});
    AddCleanup(node, tally.Adder(), int64_t{1});
    const Cleanup copy = stopped;
    copy.Stop();
    stopped.Stop();
    asm volatile("" : : "r"(node) : "memory");
  }
}

TEST_F(CleanupTest, StopTakesBackThatOneAndNoOther) {
  DropStopped(tally_, 100);
  EXPECT_TRUE(tally_.Reaches(95));
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_LE(tally_.sum, 100);
  Cleanup().Stop();
}

// Those of the library that stay known after their objects are gone find nothing, also where new objects lie there.
TEST_F(CleanupTest, StopIsWithoutEffectWhenItHasRun) {
  std::vector<Cleanup> handles;
  const auto drop = [&handles, this](int n) {
    for (int i = 0; i < n; ++i)
      handles.push_back(AddCleanup(New<Node>(), tally_.Adder(), int64_t{1}));
  };
  drop(1000);
  EXPECT_TRUE(tally_.Reaches(990));
  const std::vector<Cleanup> old = handles;
  drop(1000);
  for (const Cleanup& cleanup : old) cleanup.Stop();
  EXPECT_TRUE(tally_.Reaches(1970));
}

TEST_F(CleanupTest, FunctionAndArgumentAreDestroyedAfterwards) {
  const auto shared = std::make_shared<int>(5);
  const auto ran = std::make_shared<std::atomic<int>>(0);
  Node* kept = New<Node>();
  const Cleanup stopped = AddCleanup(
      kept, [ran](const std::shared_ptr<int>&) { *ran += 1000; }, shared);
  EXPECT_EQ(shared.use_count(), 2);
  EXPECT_EQ(ran.use_count(), 2);
  stopped.Stop();
  EXPECT_EQ(shared.use_count(), 1);
  EXPECT_EQ(ran.use_count(), 1);
  const auto drop = [&]() __attribute__((noinline)) {
    for (int i = 0; i < 100; ++i) {
      AddCleanup(
          New<Node>(), [ran](const std::shared_ptr<int>& argument) { *ran += *argument; }, shared);
    }
  };
  drop();
  EXPECT_TRUE(Eventually([&] {
    if (*ran < 5 * 95) GC();
    return *ran >= 5 * 95 && shared.use_count() == 101 - *ran / 5;
  }));
  EXPECT_EQ(kept->value, 0);
}

std::atomic<int64_t> wrong{0};

[[gnu::noinline]] void DropWithPointer(Tally& tally, int n) {
  for (int i = 0; i < n; ++i) {
    Node* captured = New<Node>(New<Node>(nullptr, 3), 2);
    AddCleanup(
        New<Node>(),
        [captured, &tally](Node* argument) {
          // Whatever has been allocated since did not get their memory.
          for (int k = 0; k < 1000; ++k) New<Node>(nullptr, -1);
          if (captured->value != 2 || captured->next->value != 3 || argument->value != 4) ++wrong;
          ++tally.runs;
        },
        New<Node>(nullptr, 4));
  }
}

TEST_F(CleanupTest, WhatFunctionAndArgumentPointToIsRetained) {
  DropWithPointer(tally_, 6000);
  for (int i = 0; i < 3; ++i) {
    GC();
    for (int k = 0; k < 20'000; ++k) New<Node>(nullptr, -1);
  }
  EXPECT_TRUE(tally_.Reaches(5900));
  EXPECT_EQ(wrong, 0);
}

std::atomic<int> finalizers{0};
std::atomic<int> early{0};

[[gnu::noinline]] void DropWithFinalizerToo(Tally& tally, int n) {
  for (int i = 0; i < n; ++i) {
    Node* node = New<Node>(nullptr, i);
    auto* state = MakeSlice<std::atomic<int>>(1).data();
    node->next = reinterpret_cast<Node*>(state);
    AddCleanup(
        node,
        [&tally](std::atomic<int>* finalized) {
          if (*finalized != 1) ++early;
          ++tally.runs;
        },
        state);
    SetFinalizer(node, [](Node* dead) {
      ++*reinterpret_cast<std::atomic<int>*>(dead->next);
      ++finalizers;
    });
  }
}

TEST_F(CleanupTest, ComesAfterTheFinalizerOfTheSameObject) {
  finalizers = 0;
  DropWithFinalizerToo(tally_, 200);
  EXPECT_TRUE(tally_.Reaches(190));
  EXPECT_GE(finalizers, 190);
  EXPECT_EQ(early, 0);
}

[[gnu::noinline]] void DropCircles(Tally& tally, int n) {
  for (int i = 0; i < n; ++i) {
    Node* first = New<Node>(nullptr, 1);
    first->next = New<Node>(first, 2);
    AddCleanup(first, tally.Adder(), int64_t{1});
    AddCleanup(first->next, tally.Adder(), int64_t{1});
  }
}

TEST_F(CleanupTest, ObjectsInACircleAreCleanedUp) {
  DropCircles(tally_, 100);
  EXPECT_TRUE(tally_.Reaches(190));
  EXPECT_LE(tally_.runs, 200);
}

TEST_F(CleanupTest, RegisteringDoesNotCollect) {
  std::vector<Node*, Allocator<Node*>> kept;
  std::vector<Cleanup> cleanups;
  kept.reserve(20'000);
  const int percent = debug::SetGCPercent(-1);
  const uint64_t collections = CollectionLog::Next();
  for (int i = 0; i < 20'000; ++i) {
    kept.push_back(New<Node>());
    cleanups.push_back(AddCleanup(kept.back(), tally_.Adder(), int64_t{1}));
  }
  EXPECT_EQ(CollectionLog::Next(), collections);
  debug::SetGCPercent(percent);
  GC();
  EXPECT_EQ(tally_.runs, 0) << "they are alive";
  for (const Cleanup& cleanup : cleanups) cleanup.Stop();
  std::ranges::fill(kept, nullptr);
}

TEST_F(CleanupTest, ThreadsAddAndStopAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int64_t> expected{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&expected, this] {
      ThreadScope scope;
      for (int i = 0; i < 5000; ++i) {
        Node* node = New<Node>();
        const Cleanup cleanup = AddCleanup(node, tally_.Adder(), int64_t{1});
        if (i % 2 == 0) {
          cleanup.Stop();
        } else {
          ++expected;
        }
        asm volatile("" : : "r"(node) : "memory");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(tally_.Reaches(expected - 40)) << tally_.runs << " of " << expected;
  EXPECT_LE(tally_.runs, expected);
}

Node global_node;

TEST(CleanupDeathTest, WhatCouldNeverRunIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Node* node = New<Node>();
  const auto ignore = [](auto) {};
  EXPECT_EXIT(AddCleanup(static_cast<Node*>(nullptr), ignore, 1), testing::ExitedWithCode(2),
              "fatal error: runtime.AddCleanup: ptr is nil");
  EXPECT_EXIT(AddCleanup(&global_node, ignore, 1), testing::ExitedWithCode(2),
              "fatal error: runtime.AddCleanup: ptr .* not in allocated block");
  EXPECT_EXIT(AddCleanup(node, ignore, node), testing::ExitedWithCode(2),
              "fatal error: runtime.AddCleanup: ptr is equal to arg, cleanup will never run");
  EXPECT_EXIT(AddCleanup(node, ignore, &node->value), testing::ExitedWithCode(2),
              "fatal error: runtime.AddCleanup: ptr is within arg, cleanup will never run");
  EXPECT_EXIT(AddCleanup(
                  node, [node](int) { node->value = 1; }, 1),
              testing::ExitedWithCode(2),
              "runtime.AddCleanup: cleanup function closes over ptr, cleanup will never run");
}

}  // namespace
}  // namespace heapwise::runtime
