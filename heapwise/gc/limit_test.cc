// The memory limit, in a program of its own: it counts what the process has mapped, which other
// tests would have raised.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

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

// Collections that the limit asks for take all the time until the bucket is full (cpu_limiter.h), a second or so.
TEST(LimitTest, TheLimiterPutsCollectionsOffOnceTheyTakeTooMuch) {
  debug::SetGCPercent(-1);
  Node* const live = Build(17);  // 8 MiB
  const uint64_t put_off = ReadHeapCounters().limited;
  debug::SetMemoryLimit(0);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (ReadHeapCounters().limited == put_off && std::chrono::steady_clock::now() < end) {
    BuildAndCount(8);
  }
  EXPECT_GT(ReadHeapCounters().limited, put_off);
  debug::SetMemoryLimit(std::numeric_limits<int64_t>::max());
  debug::SetGCPercent(100);
  EXPECT_EQ(Count(live), (uint64_t{2} << 17) - 1);
}

}  // namespace
}  // namespace heapwise::runtime
