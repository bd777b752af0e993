// The memory limit, in a program of its own: it counts what the process has mapped, which other
// tests would have raised.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>
#include <utility>

#include "gtest/gtest.h"
#include "heapwise/debug.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

namespace heapwise::runtime {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

struct Node {
  Node* left;
  Node* right;
  int64_t payload[2];
};

Node* Build(int depth) {
  return depth < 0 ? nullptr : New<Node>(Build(depth - 1), Build(depth - 1));
}

uint64_t Count(const Node* tree) {
  return tree == nullptr ? 0 : 1 + Count(tree->left) + Count(tree->right);
}

[[gnu::noinline]] uint64_t BuildAndCount(int depth) { return Count(Build(depth)); }

TEST(LimitTest, MappedMemoryStaysUnderTheLimitAndThenTheLimitIsRaised) {
  debug::SetGCPercent(-1);
  Node* const live = Build(17);  // 8 MiB
  for (const uint64_t limit : {16 * kMiB, 32 * kMiB, 64 * kMiB}) {
    debug::SetMemoryLimit(static_cast<int64_t>(limit));
    const HeapCounters before = ReadHeapCounters();
    uint64_t peak = 0;
    for (int i = 0; i < 300; ++i) {
      BuildAndCount(13);  // half a MiB
      peak = std::max(peak, ReadHeapCounters().sys_minus_released);
    }
    EXPECT_LE(peak, limit + limit / 100) << limit;
    EXPECT_GE(peak, limit * 3 / 4) << limit << ": the limit is there to be used";
    EXPECT_GE(ReadHeapCounters().num_gc, before.num_gc + 1) << limit;
  }
  debug::SetMemoryLimit(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Count(live), (uint64_t{2} << 17) - 1);
}

// A limit below the live heap is soft: the program goes on, collecting as much as the limiter
// allows.
TEST(LimitTest, ALimitBelowTheLiveHeapDoesNotStopTheProgram) {
  debug::SetGCPercent(-1);
  Node* const live = Build(15);  // 2 MiB
  debug::SetMemoryLimit(1 << 20);
  const uint64_t before = ReadHeapCounters().num_gc;
  for (int i = 0; i < 100; ++i) BuildAndCount(8);
  EXPECT_GT(ReadHeapCounters().num_gc, before);
  debug::SetMemoryLimit(0);
  for (int i = 0; i < 10; ++i) BuildAndCount(8);
  EXPECT_EQ(Count(live), (uint64_t{2} << 15) - 1);
  debug::SetMemoryLimit(std::numeric_limits<int64_t>::max());
  debug::SetGCPercent(100);
}

// A limit of nothing, under which collections take all the time until the bucket is full (cpu_limiter.h), a second or so.
class LimiterTest : public testing::Test {
 protected:
  void SetUp() override {
    debug::SetGCPercent(-1);
    live_ = Build(17);  // 8 MiB
    debug::SetMemoryLimit(0);
    const uint64_t put_off = ReadHeapCounters().limited;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (ReadHeapCounters().limited == put_off && std::chrono::steady_clock::now() < end) {
      BuildAndCount(8);
    }
    ASSERT_GT(ReadHeapCounters().limited, put_off);
  }

  void TearDown() override {
    debug::SetMemoryLimit(std::numeric_limits<int64_t>::max());
    debug::SetGCPercent(100);
    EXPECT_EQ(Count(std::exchange(live_, nullptr)), (uint64_t{2} << 17) - 1);
  }

  // Allocates until a collection comes or is put off, which is for some MiB at most; whether it came.
  bool NextOneComes() {
    const HeapCounters before = ReadHeapCounters();
    for (int i = 0; i < 10'000; ++i) {
      BuildAndCount(6);  // 4 KiB
      const HeapCounters now = ReadHeapCounters();
      if (now.num_gc != before.num_gc) return true;
      if (now.limited != before.limited) return false;
    }
    ADD_FAILURE() << "no collection came, nor was one put off";
    return false;
  }

 private:
  // A global: the collector does not look into the fixture, which operator new has made.
  static inline Node* live_ = nullptr;
};

TEST_F(LimiterTest, ACollectionThatIsPutOffIsAskedForAgain) {
  // The program runs in between, and so it comes some time, and others are put off again.
  int came = 0;
  int put_off = 0;
  for (int i = 0; i < 1000 && !HasFailure() && (came == 0 || put_off < 3); ++i)
    ++(NextOneComes() ? came : put_off);
  EXPECT_GT(came, 0);
  EXPECT_GE(put_off, 3);
}

TEST_F(LimiterTest, TimeForTheProgramEmptiesTheBucket) {
  // Several collections' worth.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_TRUE(NextOneComes());
  EXPECT_TRUE(NextOneComes());
}

// It bounds what a tight limit costs, and has no say in what GOGC asks for, however often.
TEST_F(LimiterTest, WhatThePercentageAsksForIsNotPutOff) {
  debug::SetMemoryLimit(std::numeric_limits<int64_t>::max());
  debug::SetGCPercent(0);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(NextOneComes()) << i;
}

}  // namespace
}  // namespace heapwise::runtime
