#include "heapwise/debug.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/pacer.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

namespace heapwise::debug {
namespace {

using runtime::MakeSlice;
using runtime::ReadHeapCounters;

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
constexpr size_t kMiB = size_t{1} << 20;

void Allocate(size_t bytes) {
  for (size_t done = 0; done < bytes; done += 4000) MakeSlice<char>(3900);
}

// As the last collection saw them.
uint64_t GlobalsBytes() {
  return runtime::CollectionLog::Since(runtime::CollectionLog::Next() - 1)
      .collections.at(0)
      .globals_bytes;
}

class DebugTest : public testing::Test {
 protected:
  void SetUp() override {
    SetGCPercent(100);
    SetMemoryLimit(kNoLimit);
    runtime::GC();
  }
  void TearDown() override { SetUp(); }
};

TEST_F(DebugTest, SetGCPercentReturnsTheOldValue) {
  EXPECT_EQ(SetGCPercent(50), 100);
  EXPECT_EQ(SetGCPercent(0), 50);
  EXPECT_EQ(SetGCPercent(-7), 0);
  EXPECT_EQ(SetGCPercent(100), -1);
}

TEST_F(DebugTest, SetMemoryLimitReturnsTheOldValueAndNegativeOnlyReads) {
  EXPECT_EQ(SetMemoryLimit(-1), kNoLimit);
  EXPECT_EQ(SetMemoryLimit(123 * kMiB), kNoLimit);
  EXPECT_EQ(SetMemoryLimit(-1), 123 * kMiB);
  EXPECT_EQ(SetMemoryLimit(std::numeric_limits<int64_t>::min()), 123 * kMiB);
  EXPECT_EQ(SetMemoryLimit(kNoLimit), 123 * kMiB);
}

TEST_F(DebugTest, CollectionsKeepTheHeapUnderTheGoal) {
  const std::span<char> live = MakeSlice<char>(16 * kMiB);
  for (const int percent : {50, 100, 200}) {
    SetGCPercent(percent);
    runtime::GC();
    runtime::ResetPeakHeap();
    const runtime::HeapCounters before = ReadHeapCounters();
    Allocate(100 * kMiB);
    const uint64_t per_cycle =
        runtime::HeapGoal(percent, before.heap_marked, 0, GlobalsBytes()) - before.heap_marked;
    const double collections = static_cast<double>(ReadHeapCounters().num_gc - before.num_gc);
    EXPECT_NEAR(collections, 100.0 * kMiB / static_cast<double>(per_cycle), 2) << percent << " %";
    EXPECT_LE(runtime::PeakHeapBytes(), before.heap_goal) << percent << " %";
  }
  EXPECT_EQ(live[0], 0);
}

TEST_F(DebugTest, OffMeansNoCollectionButAForcedOne) {
  SetGCPercent(-1);
  const uint64_t before = ReadHeapCounters().num_gc;
  // The memory limit's goal is left, and there is no limit.
  EXPECT_NEAR(static_cast<double>(ReadHeapCounters().heap_goal), 0.97 * 0x1p63, 0x1p40);
  Allocate(64 * kMiB);
  EXPECT_EQ(ReadHeapCounters().num_gc, before);
  runtime::GC();
  EXPECT_EQ(ReadHeapCounters().num_gc, before + 1);
}

TEST_F(DebugTest, ANewPercentageActsAtOnce) {
  SetGCPercent(-1);
  Allocate(32 * kMiB);
  const uint64_t before = ReadHeapCounters().num_gc;
  SetGCPercent(100);
  EXPECT_LT(ReadHeapCounters().heap_goal, ReadHeapCounters().heap_live);
  Allocate(8192);
  EXPECT_EQ(ReadHeapCounters().num_gc, before + 1);
}

TEST_F(DebugTest, ZeroPercentCollectsForEachMebibyte) {
  SetGCPercent(0);
  runtime::GC();
  const uint64_t before = ReadHeapCounters().num_gc;
  Allocate(16 * kMiB);
  EXPECT_NEAR(static_cast<double>(ReadHeapCounters().num_gc - before), 16, 2);
}

TEST_F(DebugTest, TheLimitIsSoft) {
  const std::span<char> live = MakeSlice<char>(16 * kMiB);
  SetMemoryLimit(0);
  EXPECT_EQ(SetMemoryLimit(-1), 0);
  Allocate(4 * kMiB);
  SetMemoryLimit(static_cast<int64_t>(8 * kMiB));
  Allocate(4 * kMiB);
  EXPECT_EQ(live[0], 0);
}

// In a frame of its own, so that no pointer stays behind on the stack.
[[gnu::noinline]] void HoldAndDrop(size_t mebibytes) {
  std::vector<std::span<char>, runtime::Allocator<std::span<char>>> kept(mebibytes);
  for (std::span<char>& slice : kept) slice = MakeSlice<char>(kMiB);
  for (std::span<char>& slice : kept) slice = {};
}

TEST_F(DebugTest, FreeOSMemoryReturnsWhatIsFree) {
  HoldAndDrop(64);
  const uint64_t before = ReadHeapCounters().sys_minus_released;
  FreeOSMemory();
  EXPECT_LT(ReadHeapCounters().sys_minus_released, before - 40 * kMiB);
  runtime::MemStats stats;
  runtime::ReadMemStats(&stats);
  EXPECT_GT(stats.HeapReleased, 40 * kMiB);
  Allocate(32 * kMiB);  // and it can be had again
}

// A block goes back that was free over several collections, so there are three, each of them asked for.
TEST_F(DebugTest, FreeOSMemoryCollectsUntilNothingIsFree) {
  FreeOSMemory();
  const runtime::HeapCounters before = ReadHeapCounters();
  FreeOSMemory();
  const runtime::HeapCounters after = ReadHeapCounters();
  EXPECT_EQ(after.num_gc, before.num_gc + 3);
  EXPECT_EQ(after.num_forced_gc, before.num_forced_gc + 3);
}

}  // namespace
}  // namespace heapwise::debug
