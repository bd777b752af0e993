#include "heapwise/gc/pacer.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>

#include "gtest/gtest.h"

namespace heapwise::runtime {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

TEST(PacerTest, HeapMinimumIsFourMebibytesAtOneHundred) {
  EXPECT_EQ(HeapMinimum(0), 0u);
  EXPECT_EQ(HeapMinimum(50), 2 * kMiB);
  EXPECT_EQ(HeapMinimum(100), 4 * kMiB);
  EXPECT_EQ(HeapMinimum(400), 16 * kMiB);
  EXPECT_EQ(HeapMinimum(-1), kNoHeapGoal);
}

TEST(PacerTest, HeapGoalTable) {
  const struct {
    int percent;
    uint64_t marked, stacks, globals, goal;
  } kTable[] = {
      {100, 0, 0, 0, 4 * kMiB},         // the minimum
      {100, 2 * kMiB, 0, 0, 4 * kMiB},  // twice the live heap is the minimum
      {100, 16 * kMiB, 0, 0, 32 * kMiB},
      {50, 16 * kMiB, 0, 0, 24 * kMiB},
      {200, 16 * kMiB, 0, 0, 48 * kMiB},
      {100, 16 * kMiB, 8192, 200000, 32 * kMiB + 208192},  // roots are scanned too
      {50, 16 * kMiB, 8192, 200000, 24 * kMiB + 104096},
      {0, 16 * kMiB, 8192, 200000, 16 * kMiB},
      {-1, 16 * kMiB, 8192, 200000, kNoHeapGoal},
      {33, 1000003, 0, 0, 1384120},  // 1000003 + 330000 stays under 33 % of 4 MiB
  };
  for (const auto& row : kTable) {
    EXPECT_EQ(HeapGoal(row.percent, row.marked, row.stacks, row.globals), row.goal)
        << row.percent << " % of " << row.marked;
  }
}

TEST(PacerTest, HugeHeapsSaturateInsteadOfWrapping) {
  EXPECT_EQ(HeapGoal(std::numeric_limits<int>::max(), uint64_t{1} << 62, 0, 0), kNoHeapGoal);
  EXPECT_EQ(HeapGoal(100, kNoHeapGoal, kNoHeapGoal, kNoHeapGoal), kNoHeapGoal);
}

TEST(PacerTest, GoalRisesWithEveryInput) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10000; ++i) {
    const int percent = static_cast<int>(random() % 1000);
    const uint64_t marked = random() >> (20 + random() % 30);
    const uint64_t stacks = random() % (16 * kMiB);
    const uint64_t globals = random() % (16 * kMiB);
    const uint64_t goal = HeapGoal(percent, marked, stacks, globals);
    EXPECT_GE(goal, marked);
    EXPECT_GE(goal, HeapMinimum(percent));
    EXPECT_GE(HeapGoal(percent + 1, marked, stacks, globals), goal);
    EXPECT_GE(HeapGoal(percent, marked + 1, stacks, globals), goal);
    EXPECT_GE(HeapGoal(percent, marked, stacks + 1, globals), goal);
    EXPECT_EQ(HeapGoal(percent, marked, stacks, globals),
              HeapGoal(percent, marked, globals, stacks));
  }
}

TEST(PacerTest, TriggerTable) {
  EXPECT_EQ(Trigger(4 * kMiB, 0), 4 * kMiB / 64 * 61);
  EXPECT_EQ(Trigger(32 * kMiB, 16 * kMiB), 16 * kMiB + 16 * kMiB / 64 * 61);
  EXPECT_EQ(Trigger(1024 * kMiB, 512 * kMiB), 1020 * kMiB);  // 4 MiB below, as that is later
  EXPECT_EQ(Trigger(16 * kMiB, 16 * kMiB), 16 * kMiB);
  EXPECT_EQ(Trigger(15 * kMiB, 16 * kMiB), 15 * kMiB);
  EXPECT_EQ(Trigger(kNoHeapGoal, 16 * kMiB), kNoHeapGoal);
}

TEST(PacerTest, IncrementalLimitTriggerTable) {
  EXPECT_EQ(IncrementalLimitTrigger(120 * kMiB, 0), 100 * kMiB);
  EXPECT_EQ(IncrementalLimitTrigger(120 * kMiB, 64 * kMiB), 100 * kMiB);
  EXPECT_EQ(IncrementalLimitTrigger(66 * kMiB, 64 * kMiB),
            72 * kMiB);  // an eighth above what lives
  EXPECT_EQ(IncrementalLimitTrigger(2 * kMiB, 2 * kMiB), 3 * kMiB);
  EXPECT_EQ(IncrementalLimitTrigger(0, 0), kMinHeapDistance);
  EXPECT_GT(IncrementalLimitTrigger(kNoHeapGoal, 16 * kMiB), uint64_t{1} << 62);
}

TEST(PacerTest, TriggerLiesBetweenLiveHeapAndGoal) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 10000; ++i) {
    const uint64_t marked = random() >> (20 + random() % 30);
    const uint64_t goal = marked + (random() >> (20 + random() % 30));
    EXPECT_GE(Trigger(goal, marked), marked);
    EXPECT_LE(Trigger(goal, marked), goal);
  }
}

TEST(PacerTest, MemoryLimitGoalTable) {
  // Headrooms of 3 %, in Go's arithmetic.
  constexpr uint64_t kOf246 = 246 * kMiB / 100 * 3;
  constexpr uint64_t kOf202 = 202 * kMiB / 100 * 3;
  const struct {
    int64_t limit;
    MemoryUse use;
    uint64_t goal;
  } kTable[] = {
      // 10 MiB of 60 are neither heap objects nor free blocks: 30 - 10 - 1, as 3 % are less.
      {int64_t{30 * kMiB}, {20 * kMiB, 2 * kMiB, 8 * kMiB, 4 * kMiB}, 19 * kMiB},
      // From 100 / 3 MiB of room on 3 % are more: 256 - 10, less 3 hundredths of that.
      {int64_t{256 * kMiB}, {100 * kMiB, 10 * kMiB, 80 * kMiB, 40 * kMiB}, 246 * kMiB - kOf246},
      // Free blocks cost nothing: objects will come to lie there.
      {int64_t{256 * kMiB}, {200 * kMiB, 110 * kMiB, 80 * kMiB, 40 * kMiB}, 246 * kMiB - kOf246},
      // Over the limit by 44 MiB: pushed down by as much. 256 - 10 - 44, less 3 %.
      {int64_t{256 * kMiB}, {300 * kMiB, 10 * kMiB, 280 * kMiB, 40 * kMiB}, 202 * kMiB - kOf202},
      // Never under the live heap.
      {int64_t{64 * kMiB}, {60 * kMiB, 0, 58 * kMiB, 63 * kMiB}, 63 * kMiB},
      // Non-heap memory alone reaches the limit.
      {int64_t{8 * kMiB}, {40 * kMiB, 0, 30 * kMiB, 20 * kMiB}, 20 * kMiB},
      {0, {40 * kMiB, 0, 30 * kMiB, 20 * kMiB}, 20 * kMiB},
      // Tiny goals become the headroom itself.
      {int64_t{2 * kMiB}, {kMiB, 0, kMiB / 2, 0}, kMiB},
      {int64_t{2 * kMiB} + 1, {kMiB, 0, kMiB, 0}, kMiB + 1},
      // Counters that are read one after the other may disagree for a moment.
      {int64_t{32 * kMiB}, {10 * kMiB, 8 * kMiB, 8 * kMiB, 0}, 31 * kMiB},
      // No limit is the largest one: what a Go 1.27.4 with GOGC=off says of its NextGC.
      {kNoLimit, {3905800, 32768, 63160, 0}, 8946670875745436958},
  };
  int row_number = 0;
  for (const auto& row : kTable) {
    EXPECT_EQ(MemoryLimitHeapGoal(row.limit, row.use), row.goal) << "row " << row_number;
    ++row_number;
  }
}

TEST(PacerTest, MemoryLimitGoalStaysUnderTheLimitOrAtTheLiveHeap) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10000; ++i) {
    const int64_t limit = static_cast<int64_t>(random() % (1024 * kMiB));
    MemoryUse use;
    use.mapped_ready = random() % (1024 * kMiB);
    use.heap_free = random() % (use.mapped_ready + 1);
    use.heap_alloc = random() % (use.mapped_ready - use.heap_free + 1);
    use.heap_marked = random() % (use.heap_alloc + 1);
    const uint64_t goal = MemoryLimitHeapGoal(limit, use);
    EXPECT_GE(goal, use.heap_marked);
    EXPECT_LE(goal,
              std::max({static_cast<uint64_t>(limit), use.heap_marked, kMinMemoryLimitHeadroom}));
    EXPECT_GE(MemoryLimitHeapGoal(limit + 4096, use), goal);
  }
}

TEST(PacerTest, TheLimiterActsOnTightMemoryLimitsOnly) {
  constexpr uint64_t kMarked = 100 * kMiB;
  constexpr uint64_t kPercentTrigger = 200 * kMiB;
  // Of a memory limit that leaves less than 60 % of the live heap, and before GOGC asks.
  EXPECT_TRUE(LimiterApplies(110 * kMiB, kPercentTrigger, kMarked, kMarked));
  EXPECT_TRUE(LimiterApplies(190 * kMiB, kPercentTrigger, 159 * kMiB, kMarked));
  EXPECT_FALSE(LimiterApplies(190 * kMiB, kPercentTrigger, 160 * kMiB, kMarked));
  EXPECT_FALSE(LimiterApplies(kPercentTrigger, kPercentTrigger, kMarked, kMarked));
  EXPECT_TRUE(LimiterApplies(kPercentTrigger, kNoHeapGoal, kMarked, kMarked)) << "GOGC=off";
  EXPECT_FALSE(LimiterApplies(110 * kMiB, kPercentTrigger, kNoHeapGoal, kMarked)) << "no limit";
}

}  // namespace
}  // namespace heapwise::runtime
