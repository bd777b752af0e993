#include "heapwise/mem_stats.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/debug.h"
#include "heapwise/heap.h"

namespace heapwise::runtime {
namespace {

MemStats Read() {
  MemStats stats;
  ReadMemStats(&stats);
  return stats;
}

void ExpectIdentities(const MemStats& m) {
  EXPECT_EQ(m.Sys, m.HeapSys + m.StackSys + m.MSpanSys + m.MCacheSys + m.BuckHashSys + m.GCSys +
                       m.OtherSys);
  EXPECT_EQ(m.HeapSys, m.HeapIdle + m.HeapInuse);
  EXPECT_LE(m.HeapReleased, m.HeapIdle);
  EXPECT_EQ(m.Alloc, m.HeapAlloc);
  EXPECT_EQ(m.HeapObjects, m.Mallocs - m.Frees);
  EXPECT_LE(m.HeapAlloc, m.TotalAlloc);
  EXPECT_LE(m.HeapAlloc, m.HeapInuse);
  EXPECT_LE(m.NumForcedGC, m.NumGC);
}

TEST(MemStatsTest, IdentitiesHoldAtAllTimes) {
  ExpectIdentities(Read());
  std::vector<std::span<char>, Allocator<std::span<char>>> kept;
  for (int i = 0; i < 200; ++i) {
    kept.push_back(MakeSlice<char>(static_cast<size_t>(i) * 1000));
    if (i % 50 == 0) GC();
    ExpectIdentities(Read());
  }
  kept.clear();
  GC();
  ExpectIdentities(Read());
}

TEST(MemStatsTest, TotalsNeverFall) {
  MemStats before = Read();
  for (int i = 0; i < 50; ++i) {
    MakeSlice<char>(100000);
    if (i % 10 == 0) GC();
    const MemStats now = Read();
    EXPECT_GE(now.TotalAlloc, before.TotalAlloc + 100000);
    EXPECT_EQ(now.Mallocs, before.Mallocs + 1);
    EXPECT_GE(now.Frees, before.Frees);
    EXPECT_GE(now.PauseTotalNs, before.PauseTotalNs);
    before = now;
  }
}

// Conservative marking may come upon an address of what an earlier collection found dead.
TEST(MemStatsTest, FreesDoNotFallWhenTheDeadAreFoundAgain) {
  constexpr size_t kObjects = 2000;
  struct Cell {
    int64_t words[6];
  };
  const int percent = debug::SetGCPercent(-1);
  std::vector<Cell*, Allocator<Cell*>> cells(kObjects);
  std::vector<uintptr_t> hidden;  // of every other cell: the block that it lies in lives on
  [&]() __attribute__((noinline)) {
    for (Cell*& cell : cells) cell = New<Cell>();
    for (size_t i = 0; i < kObjects; i += 2) {
      hidden.push_back(~reinterpret_cast<uintptr_t>(cells[i]));
      cells[i] = nullptr;
    }
  }
  ();
  GC();
  const MemStats before = Read();
  for (size_t i = 0; i < kObjects; i += 2) cells[i] = reinterpret_cast<Cell*>(~hidden[i / 2]);
  GC();
  const MemStats after = Read();
  EXPECT_GE(after.Frees, before.Frees);
  EXPECT_EQ(after.HeapObjects, after.Mallocs - after.Frees);
  EXPECT_NE(cells[0], nullptr);
  debug::SetGCPercent(percent);
}

// The program of Go's tutorials: 100 slices of 1 MiB, and a collection.
TEST(MemStatsTest, KeptMemoryStaysAndDroppedMemoryGoes) {
  GC();
  const MemStats before = Read();
  {
    std::vector<std::span<char>, Allocator<std::span<char>>> kept;
    kept.reserve(100);
    for (int i = 0; i < 100; ++i) kept.push_back(MakeSlice<char>(1 << 20));
    GC();
    const MemStats full = Read();
    EXPECT_GE(full.HeapAlloc, 100u << 20);
    EXPECT_LT(full.HeapAlloc, before.HeapAlloc + (101u << 20));
    EXPECT_EQ(full.Mallocs - before.Mallocs, 101u);
    for (std::span<char>& slice : kept) slice = {};
  }
  GC();
  const MemStats after = Read();
  EXPECT_LT(after.HeapAlloc, before.HeapAlloc + (3u << 20));
  EXPECT_GE(after.TotalAlloc - before.TotalAlloc, 100u << 20);
  EXPECT_GE(after.Frees - before.Frees, 97u);
}

TEST(MemStatsTest, ObjectsAreCountedExactly) {
  struct Cell {
    Cell* next;
    int64_t value;
  };
  GC();
  const MemStats before = Read();
  Cell* list = nullptr;
  for (int i = 0; i < 10000; ++i) list = New<Cell>(list, i);
  const MemStats unmarked = Read();
  EXPECT_EQ(unmarked.HeapObjects - before.HeapObjects, 10000u);
  EXPECT_EQ(unmarked.HeapAlloc - before.HeapAlloc, 160000u);
  GC();
  const MemStats marked = Read();
  EXPECT_EQ(marked.Mallocs, unmarked.Mallocs);
  // The collection may have found a few of the older objects dead.
  EXPECT_LE(marked.HeapObjects, unmarked.HeapObjects);
  EXPECT_GE(marked.HeapObjects, 10000u);
  EXPECT_EQ(list->value, 9999);
}

TEST(MemStatsTest, ForcedCollectionsRaiseNumGcByOne) {
  debug::SetGCPercent(-1);
  for (int i = 0; i < 5; ++i) {
    const MemStats before = Read();
    GC();
    const MemStats after = Read();
    EXPECT_EQ(after.NumGC, before.NumGC + 1);
    EXPECT_EQ(after.NumForcedGC, before.NumForcedGC + 1);
    EXPECT_GE(after.LastGC, before.LastGC);
    // The newest pause stands where Go's documentation says, and is all that the total has grown
    // by.
    EXPECT_EQ(after.PauseNs[(after.NumGC + 255) % 256], after.PauseTotalNs - before.PauseTotalNs);
    EXPECT_GT(after.PauseNs[(after.NumGC + 255) % 256], 0u);
    EXPECT_EQ(after.PauseEnd[(after.NumGC + 255) % 256], after.LastGC);
  }
  debug::SetGCPercent(100);
}

TEST(MemStatsTest, PauseRingWrapsAround) {
  debug::SetGCPercent(-1);
  const MemStats before = Read();
  for (int i = 0; i < 300; ++i) GC();
  const MemStats after = Read();
  EXPECT_EQ(after.NumGC, before.NumGC + 300);
  uint64_t last_end = 0;
  for (uint32_t n = after.NumGC - 255; n <= after.NumGC; ++n) {
    EXPECT_GT(after.PauseNs[(n + 255) % 256], 0u);
    EXPECT_GE(after.PauseEnd[(n + 255) % 256], last_end);
    last_end = after.PauseEnd[(n + 255) % 256];
  }
  debug::SetGCPercent(100);
}

TEST(MemStatsTest, CheapCountersAgreeWithTheFullStatistics) {
  GC();
  for (int i = 0; i < 1000; ++i) MakeSlice<char>(500);
  const HeapCounters counters = ReadHeapCounters();
  const MemStats stats = Read();
  EXPECT_EQ(counters.num_gc, stats.NumGC);
  EXPECT_EQ(counters.num_forced_gc, stats.NumForcedGC);
  EXPECT_EQ(counters.pause_total_ns, stats.PauseTotalNs);
  EXPECT_EQ(counters.total_alloc, stats.TotalAlloc);
  EXPECT_EQ(counters.mallocs, stats.Mallocs);
  EXPECT_EQ(counters.heap_goal, stats.NextGC);
  EXPECT_EQ(counters.heap_sys, stats.HeapSys);
  EXPECT_EQ(counters.heap_in_use_estimate, stats.HeapInuse);
  EXPECT_EQ(counters.sys_minus_released, stats.Sys - stats.HeapReleased);
  EXPECT_GE(counters.heap_live, stats.HeapAlloc);
  EXPECT_LT(counters.heap_live, stats.HeapAlloc + 256 * 1024)
      << "free lists and the library's own memory";
  EXPECT_GE(counters.peak_heap, counters.heap_live);
  EXPECT_GE(counters.max_pause_ns * counters.num_gc, counters.pause_total_ns);
  EXPECT_GE(counters.markers, 1);
}

TEST(MemStatsTest, CheapCountersTakeNoLock) {
  New<int64_t>(1);
  std::atomic<bool> read{false};
  std::thread reader;
  {
    const internal::AllocLock lock;
    reader = std::thread([&read] {
      ReadHeapCounters();
      TotalAllocs();
      read.store(true);
    });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!read.load() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(read.load());
  }
  reader.join();
}

TEST(MemStatsTest, CountsTheAllocationsOfOtherThreads) {
  const MemStats before = Read();
  std::thread([] {
    ThreadScope scope;
    for (int i = 0; i < 1000; ++i) New<int64_t>(i);
    MemStats inside;
    ReadMemStats(&inside);
    ExpectIdentities(inside);
  }).join();
  const MemStats after = Read();
  EXPECT_EQ(after.Mallocs - before.Mallocs, 1000u);
  EXPECT_EQ(after.TotalAlloc - before.TotalAlloc, 16000u);
}

}  // namespace
}  // namespace heapwise::runtime
