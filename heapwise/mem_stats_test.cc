#include "heapwise/mem_stats.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/debug.h"
#include "heapwise/finalizer.h"
#include "heapwise/gc/collect_lock.h"
#include "heapwise/gc/cycle.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/pacer.h"
#include "heapwise/gc/trigger.h"
#include "heapwise/heap.h"
#include "heapwise/thread_heap.h"
#include "heapwise/weak.h"

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

// What a program finds that has not done anything yet; in a process of its own, which begins with this.
void ExpectNothingHasHappened() {
  EXPECT_EQ(CollectionLog::Next(), 0u);
  EXPECT_TRUE(CollectionLog::Since(0).collections.empty());
  EXPECT_FALSE(internal::CycleIsOpen());
  EXPECT_FALSE(internal::Limiter().limiting);
  EXPECT_EQ(internal::Limiter().put_off, 0u);
  EXPECT_EQ(GcCpuNanos(), 0u);
  const HeapCounters counters = ReadHeapCounters();
  EXPECT_EQ(counters.num_gc, 0u);
  EXPECT_EQ(counters.num_forced_gc, 0u);
  EXPECT_EQ(counters.pause_total_ns, 0u);
  EXPECT_EQ(counters.max_pause_ns, 0u);
  EXPECT_EQ(counters.heap_marked, 0u);
  EXPECT_EQ(counters.limited, 0u);
  const MemStats stats = Read();
  EXPECT_EQ(stats.NumGC, 0u);
  EXPECT_EQ(stats.NumForcedGC, 0u);
  EXPECT_EQ(stats.PauseTotalNs, 0u);
  EXPECT_EQ(stats.LastGC, 0u);
  EXPECT_EQ(stats.Frees, 0u);
  EXPECT_EQ(stats.GCCPUFraction, 0.0);
  for (const uint64_t ns : stats.PauseNs) EXPECT_EQ(ns, 0u);
  for (const uint64_t ns : stats.PauseEnd) EXPECT_EQ(ns, 0u);
  const uint64_t goal = counters.heap_goal;
  EXPECT_GE(goal, kDefaultHeapMinimum);
  EXPECT_LT(goal, kDefaultHeapMinimum + (uint64_t{1} << 20)) << "4 MiB, and something for globals";

  while (CollectionLog::Next() == 0) MakeSlice<char>(1000);
  const Collection first = CollectionLog::Since(0).collections.at(0);
  EXPECT_EQ(first.n, 1u);
  EXPECT_FALSE(first.forced);
  EXPECT_GT(first.start_s, 0.0);
  EXPECT_EQ(first.goal_bytes, goal);
  EXPECT_GE(first.heap_before_bytes, goal / 64 * 60) << "61/64 of the way, and a block before it";
  EXPECT_LE(first.heap_before_bytes, goal);
  EXPECT_EQ(GcCpuNanos(), first.gc_cpu_ns);
  EXPECT_EQ(ReadHeapCounters().max_pause_ns, first.max_pause_ns);
  EXPECT_EQ(PeakHeapBytes(), first.heap_before_bytes);
}

TEST(MemStatsDeathTest, AProgramBeginsWithNothing) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ExpectNothingHasHappened();
        std::exit(testing::Test::HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

// Go's are zero until they are read.
TEST(MemStatsTest, WhatWasNotReadIsZero) {
  const MemStats stats;
  for (const uint64_t value : {stats.Alloc,
                               stats.TotalAlloc,
                               stats.Sys,
                               stats.Lookups,
                               stats.Mallocs,
                               stats.Frees,
                               stats.HeapAlloc,
                               stats.HeapSys,
                               stats.HeapIdle,
                               stats.HeapInuse,
                               stats.HeapReleased,
                               stats.HeapObjects,
                               stats.StackInuse,
                               stats.StackSys,
                               stats.MSpanInuse,
                               stats.MSpanSys,
                               stats.MCacheInuse,
                               stats.MCacheSys,
                               stats.BuckHashSys,
                               stats.GCSys,
                               stats.OtherSys,
                               stats.NextGC,
                               stats.LastGC,
                               stats.PauseTotalNs,
                               uint64_t{stats.NumGC},
                               uint64_t{stats.NumForcedGC}}) {
    EXPECT_EQ(value, 0u);
  }
  for (const uint64_t ns : stats.PauseNs) EXPECT_EQ(ns, 0u);
  for (const uint64_t ns : stats.PauseEnd) EXPECT_EQ(ns, 0u);
  EXPECT_EQ(stats.GCCPUFraction, 0.0);
  EXPECT_TRUE(stats.EnableGC);
  EXPECT_FALSE(stats.DebugGC);
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

// Of what bdwgc keeps in its heap for itself (a KiB for each thread), of what is attached to objects, and of what somebody
// else has had from bdwgc, nothing is an object of the program.
struct Cell {
  Cell* next;
  int64_t value;
};
constexpr size_t kCells = 20'000;

[[gnu::noinline]] void DropCells() {
  for (size_t i = 0; i < kCells; ++i) New<Cell>();
}

// Keeps so many cells, has `attach` do something to each, drops as many more, and tells how many were freed. In a new
// process, where no stack still has an address of another test's objects.
template <class Attach>
void ExpectThatJustTheDroppedAreFreed(Attach attach) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto run = [&attach] {
    debug::SetGCPercent(-1);
    std::vector<Cell*, Allocator<Cell*>> kept(kCells);
    GC();
    const MemStats before = Read();
    for (Cell*& cell : kept) attach(cell = New<Cell>());
    DropCells();
    GC();
    const MemStats after = Read();
    // A few may be found by what looks like their address.
    EXPECT_NEAR(static_cast<double>(after.Frees - before.Frees), kCells, 10);
    EXPECT_NEAR(static_cast<double>(after.HeapObjects - before.HeapObjects), kCells, 10);
    EXPECT_NEAR(static_cast<double>(after.HeapAlloc - before.HeapAlloc), kCells * sizeof(Cell),
                10 * sizeof(Cell));
    EXPECT_NE(kept.front(), kept.back());
    std::exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

TEST(MemStatsDeathTest, FinalizersAreNotCounted) {
  ExpectThatJustTheDroppedAreFreed([](Cell* cell) { SetFinalizer(cell, [](Cell*) {}); });
}

TEST(MemStatsDeathTest, WeakPointersAreNotCounted) {
  std::vector<Weak<Cell>> weak;
  weak.reserve(kCells);
  ExpectThatJustTheDroppedAreFreed([&weak](Cell* cell) { weak.emplace_back(cell); });
}

TEST(MemStatsDeathTest, WhatOthersHaveFromBdwgcIsNotCounted) {
  ExpectThatJustTheDroppedAreFreed([](Cell*) {
    auto** const theirs = static_cast<void**>(GC_MALLOC_UNCOLLECTABLE(100));
    *theirs = GC_MALLOC_ATOMIC(20);
  });
}

TEST(MemStatsDeathTest, ThreadsAreNotCounted) {
  std::atomic<int> registered{0};
  ExpectThatJustTheDroppedAreFreed([&registered](Cell*) {
    if (registered.load() == 300) return;
    const int so_far = registered.load();
    std::thread([&registered] {
      ThreadScope scope;
      registered.fetch_add(1);
      registered.notify_one();
      while (true) pause();
    }).detach();
    registered.wait(so_far);
  });
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
    const internal::CollectLock collect_lock;
    const internal::AllocLock alloc_lock;
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

TEST(MemStatsTest, TheLibrarysOwnMemoryIsNotTheProgramsOwn) {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  const int percent = debug::SetGCPercent(-1);
  GC();
  const MemStats before = Read();
  void* const own = internal::AllocateOwn(4 * kMiB);
  GC();
  const MemStats with = Read();
  EXPECT_LT(with.HeapAlloc, before.HeapAlloc + kMiB);
  EXPECT_GT(with.HeapAlloc + kMiB, before.HeapAlloc);
  EXPECT_LE(with.HeapObjects, before.HeapObjects);
  EXPECT_EQ(with.Mallocs, before.Mallocs);
  internal::FreeOwn(own);
  const std::span<char> kept = MakeSlice<char>(4 * kMiB - 1);  // as much of the program's own
  GC();
  EXPECT_GE(Read().HeapAlloc + kMiB, before.HeapAlloc + 4 * kMiB);
  EXPECT_LT(Read().HeapAlloc, before.HeapAlloc + 5 * kMiB);
  EXPECT_EQ(kept[0], 0);
  debug::SetGCPercent(percent);
}

// A thread that ends leaves its tables, of some KiB, to the next one, and its lists to nobody.
TEST(MemStatsTest, EndedThreadsLeaveNothingBehind) {
  const int percent = debug::SetGCPercent(-1);
  const auto run_one = [] {
    std::thread([] {
      ThreadScope scope;
      for (size_t bytes = 8; bytes < 2000; bytes += 100) MakeSlice<char>(bytes);
    }).join();
  };
  run_one();
  std::vector<int64_t*, Allocator<int64_t*>> kept(1000);
  for (int64_t*& object : kept) object = New<int64_t>(7);
  GC();
  const HeapCounters before = ReadHeapCounters();
  for (int i = 0; i < 100; ++i) run_one();
  GC();
  EXPECT_LT(ReadHeapCounters().heap_marked, before.heap_marked + (uint64_t{128} << 10));
  // Were the ended threads' lists counted in, as many would be missing here.
  EXPECT_GE(Read().HeapObjects, 1000u);
  EXPECT_LE(Read().HeapAlloc, ReadHeapCounters().heap_marked);
  EXPECT_GE(Read().HeapAlloc + (uint64_t{512} << 10), ReadHeapCounters().heap_marked);
  EXPECT_EQ(*kept[999], 7);
  debug::SetGCPercent(percent);
}

}  // namespace
}  // namespace heapwise::runtime
