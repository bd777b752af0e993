#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/debug.h"
#include "heapwise/heap.h"
#include "lessons/01-gc-metrics/lesson.h"
#include "lessons/01-gc-metrics/program.h"
#include "lessons/01-gc-metrics/readings.h"

namespace {

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::debug::SetGCPercent;
using heapwise::runtime::GC;
using heapwise::runtime::MakeSlice;
using heapwise::runtime::MemStats;
using heapwise::runtime::ReadMemStats;

constexpr uint64_t kMiB = 1 << 20;

using Handler = uint64_t (*)(uint64_t, Dashboard&);
constexpr Handler kHandlers[] = {slow::Handle, fast::Handle, counters::Handle};

MemStats Read() {
  MemStats stats;
  ReadMemStats(&stats);
  return stats;
}

Dashboard Serve(Handler handle, uint64_t requests) {
  Dashboard dashboard;
  for (uint64_t request = 0; request < requests; ++request) handle(request, dashboard);
  return dashboard;
}

int ThreadsOfThisProcess() {
  using Files = std::filesystem::directory_iterator;
  return static_cast<int>(std::distance(Files("/proc/self/task"), Files()));
}

TEST(Service, EveryVariantAnswersAlike) {
  Dashboard dashboard;
  for (const uint64_t request : {0, 1, 999, 1000, 123456}) {
    const uint64_t answer = kOrderLines * request + kOrderLines * (kOrderLines - 1) / 2;
    for (const Handler handle : kHandlers) EXPECT_EQ(handle(request, dashboard), answer);
  }
}

TEST(Service, SlowReadsAtEveryRequestAndFastAtOneInAThousand) {
  EXPECT_EQ(Serve(slow::Handle, 3000).readings, 3000u);
  EXPECT_EQ(Serve(fast::Handle, 3000).readings, 3u);
  EXPECT_EQ(Serve(counters::Handle, 3000).readings, 3000u);
}

TEST(Service, ReadingTheStatisticsAllocatesNothing) {
  for (const Handler handle : kHandlers) {
    Dashboard dashboard;
    const Allocations made = CountAllocations([&] { handle(0, dashboard); });
    EXPECT_EQ(dashboard.readings, 1u);
    EXPECT_EQ(made.gc_allocs, kOrderLines);
    EXPECT_EQ(made.gc_bytes, kOrderLines * 32);
    EXPECT_EQ(made.new_allocs, 0u);
  }
}

TEST(Service, FullStatisticsAndCountersShowTheSame) {
  GC();
  Serve(slow::Handle, 500);
  Dashboard full, cheap;
  full.Show(Read());
  cheap.Show(heapwise::runtime::ReadHeapCounters());
  EXPECT_EQ(cheap.num_gc, full.num_gc);
  EXPECT_EQ(cheap.total_alloc, full.total_alloc);
  EXPECT_EQ(cheap.pause_total_ns, full.pause_total_ns);
  EXPECT_NEAR(static_cast<double>(cheap.heap_alloc), static_cast<double>(full.heap_alloc),
              256 << 10)
      << "exact to a batch for each size";
}

TEST(Service, TheOtherThreadsAreThereAndTheWorldCanBeStopped) {
  KeepOtherThreads(0);
  const int before = ThreadsOfThisProcess();
  for (const int count : {1, 8, 2, 0}) {
    KeepOtherThreads(count);
    EXPECT_EQ(ThreadsOfThisProcess(), before + count);
    EXPECT_EQ(Serve(slow::Handle, 10).readings, 10u);
  }
}

// What holds between the fields of one reading (mstats.go:57 describes each).
void ExpectIdentities(const MemStats& m) {
  EXPECT_EQ(m.Alloc, m.HeapAlloc);
  EXPECT_EQ(m.HeapObjects, m.Mallocs - m.Frees);
  EXPECT_EQ(m.HeapSys, m.HeapInuse + m.HeapIdle);
  EXPECT_EQ(m.Sys, m.HeapSys + m.StackSys + m.MSpanSys + m.MCacheSys + m.BuckHashSys + m.GCSys +
                       m.OtherSys);
  EXPECT_LE(m.HeapAlloc, m.HeapInuse);
  EXPECT_LE(m.HeapAlloc, m.TotalAlloc);
  EXPECT_LE(m.HeapReleased, m.HeapIdle);
  EXPECT_LE(m.NumForcedGC, m.NumGC);
}

TEST(Statistics, IdentitiesHoldWhateverHappens) {
  ExpectIdentities(Read());
  Serve(slow::Handle, 500);
  ExpectIdentities(Read());
  std::ostringstream out;
  const program::Readings readings = program::RunAndKeep(out);
  ExpectIdentities(readings.before);
  ExpectIdentities(readings.after);
  program::RunAndDrop(out);
  heapwise::debug::FreeOSMemory();
  ExpectIdentities(Read());
}

TEST(Statistics, ThreeHundredForcedCollectionsDoWhatTheFieldsPromise) {
  Tally tally;
  for (int i = 0; i < 300; ++i) CollectAndCompare(tally);
  EXPECT_EQ(tally.collections, 300);
  EXPECT_EQ(tally.total_alloc_fell, 0);
  EXPECT_EQ(tally.heap_alloc_fell, 300);
  EXPECT_EQ(tally.num_gc_rose_by_one, 300);
  EXPECT_EQ(tally.last_pause_in_place, 300);
}

TEST(Statistics, TotalAllocGrowsByWhatIsAllocatedAndHeapAllocFallsByWhatIsDropped) {
  GC();
  const MemStats before = Read();
  for (int i = 0; i < 100; ++i) MakeSlice<char>(10'000);
  const MemStats full = Read();
  GC();
  const MemStats after = Read();
  EXPECT_EQ(full.Mallocs - before.Mallocs, 100u);
  EXPECT_GE(full.TotalAlloc - before.TotalAlloc, 1'000'000u);
  EXPECT_EQ(full.HeapAlloc - before.HeapAlloc, full.TotalAlloc - before.TotalAlloc);
  EXPECT_EQ(after.TotalAlloc, full.TotalAlloc);
  EXPECT_LT(after.HeapAlloc, full.HeapAlloc - 900'000);
}

class Program : public testing::Test {
 protected:
  void TearDown() override { SetGCPercent(100); }

  std::ostringstream out_;
};

TEST_F(Program, PrintsWhatTheTutorialPrints) {
  MemStats stats;
  stats.HeapAlloc = 2 * kMiB - 1;
  stats.TotalAlloc = 100 * kMiB;
  stats.Sys = 110 * kMiB + 1;
  program::PrintStats(stats, out_);
  EXPECT_EQ(out_.str(),
            "Heap Alloc: 1 MB\nTotal Alloc: 100 MB\nSys: 110 "
            "MB\nNumGC: 0\nPauseTotal: 0.000ms\n");

  out_.str("");
  stats.NumGC = 256;  // the last slot of the ring
  stats.PauseTotalNs = 9'000'000;
  stats.PauseNs[255] = 1'234'567;
  program::PrintStats(stats, out_);
  EXPECT_THAT(out_.str(),
              testing::EndsWith("NumGC: 256\nPauseTotal: 9.000ms\nLast Pause: 1.235ms\n"));
}

TEST_F(Program, CollectsManyTimesAndNotOnce) {
  const program::Readings readings = program::RunAndDrop(out_);
  EXPECT_THAT(out_.str(), testing::HasSubstr("\n\nAfter GC:\nHeap Alloc: "));
  EXPECT_EQ(readings.after.NumForcedGC - readings.before.NumForcedGC, 1u);
  // The heap may double from one collection to the next: 4, 8, 16, 32 and 64 MiB on the way to 100.
  EXPECT_GE(readings.after.NumGC - readings.before.NumGC, 5u);
  EXPECT_LE(readings.after.NumGC - readings.before.NumGC, 7u);
}

TEST_F(Program, CollectsOnceWhereNothingButTheProgramAsksForIt) {
  SetGCPercent(-1);
  const program::Readings readings = program::RunAndDrop(out_);
  EXPECT_EQ(readings.after.NumGC - readings.before.NumGC, 1u);
}

TEST_F(Program, DroppedMemoryLeavesHeapAllocButNotSys) {
  const program::Readings readings = program::RunAndDrop(out_);
  EXPECT_GE(readings.after.TotalAlloc - readings.before.TotalAlloc, 100 * kMiB);
  EXPECT_LT(readings.after.HeapAlloc, 5 * kMiB);
  EXPECT_LT(readings.after.HeapInuse, 6 * kMiB);
  EXPECT_GE(readings.after.HeapIdle, 95 * kMiB);
  EXPECT_GE(readings.after.Sys, 100 * kMiB);
}

TEST_F(Program, KeptMemoryStaysInHeapAlloc) {
  const program::Readings readings = program::RunAndKeep(out_);
  EXPECT_GE(readings.after.HeapAlloc, 100 * kMiB);
  EXPECT_LT(readings.after.HeapAlloc, 105 * kMiB);
  program::RunAndDrop(out_);
  EXPECT_LT(Read().HeapAlloc, 5 * kMiB);
}

// A reading after collection number `num_gc`, each of which took pause(n).
template <class Pause>
MemStats Made(uint64_t num_gc, uint64_t total_alloc, Pause pause) {
  MemStats stats;
  stats.NumGC = static_cast<uint32_t>(num_gc);
  stats.TotalAlloc = total_alloc;
  for (uint64_t n = 1; n <= num_gc; ++n) {
    stats.PauseNs[(n + 255) % 256] = pause(n);
    stats.PauseTotalNs += pause(n);
  }
  return stats;
}

TEST(Exercise, RatesAreOfTheTimeBetweenTheReadings) {
  const auto pause = [](uint64_t n) { return n == 3 ? 9'000'000 : 1000 * n; };
  const MemStats before = Made(10, 5'000'000'000, pause);
  const MemStats after = Made(14, 5'300'000'000, pause);
  const exercise::Rates rates = exercise::RatesBetween(before, after, 2.0);
  EXPECT_DOUBLE_EQ(rates.allocated_bytes_per_second, 150e6);
  EXPECT_DOUBLE_EQ(rates.collections_per_second, 2);
  EXPECT_DOUBLE_EQ(rates.mean_pause_ns, 12'500);  // 11, 12, 13 and 14 us
  EXPECT_EQ(rates.longest_pause_ns, 14'000u) << "the 9 ms of collection 3 lie before";
  EXPECT_EQ(rates.pauses_lost, 0u);
}

TEST(Exercise, WithoutACollectionThereIsNoPause) {
  const auto pause = [](uint64_t) { return 5000; };
  for (const uint64_t num_gc : {0, 7}) {
    const exercise::Rates rates =
        exercise::RatesBetween(Made(num_gc, 1000, pause), Made(num_gc, 3000, pause), 0.5);
    EXPECT_DOUBLE_EQ(rates.allocated_bytes_per_second, 4000);
    EXPECT_EQ(rates.collections_per_second, 0);
    EXPECT_EQ(rates.mean_pause_ns, 0);
    EXPECT_EQ(rates.longest_pause_ns, 0u);
    EXPECT_EQ(rates.pauses_lost, 0u);
  }
}

TEST(Exercise, TheLongestPauseIsFoundAcrossTheEndOfTheRing) {
  const auto pause = [](uint64_t n) { return n == 256 ? 70'000 : 1000; };
  const exercise::Rates rates =
      exercise::RatesBetween(Made(254, 0, pause), Made(259, 0, pause), 1.0);
  EXPECT_EQ(rates.longest_pause_ns, 70'000u);
  EXPECT_DOUBLE_EQ(rates.mean_pause_ns, 14'800);
  EXPECT_EQ(rates.pauses_lost, 0u);
}

TEST(Exercise, WhereTheRingHasOverflownTheMeanIsStillRightAndTheLossIsTold) {
  const auto pause = [](uint64_t n) { return n == 101 ? 90'000 : 1000; };
  const MemStats before = Made(100, 0, pause);
  const exercise::Rates full = exercise::RatesBetween(before, Made(356, 0, pause), 1.0);
  EXPECT_EQ(full.pauses_lost, 0u);
  EXPECT_EQ(full.longest_pause_ns, 90'000u);

  const exercise::Rates over = exercise::RatesBetween(before, Made(500, 0, pause), 1.0);
  EXPECT_EQ(over.pauses_lost, 144u);
  EXPECT_EQ(over.longest_pause_ns, 1000u) << "the long one was overwritten";
  EXPECT_DOUBLE_EQ(over.mean_pause_ns, (399 * 1000 + 90'000) / 400.0);
  EXPECT_DOUBLE_EQ(over.collections_per_second, 400);
}

TEST(Exercise, NumGCMayPassItsLargestValue) {
  MemStats before, after;
  before.NumGC = std::numeric_limits<uint32_t>::max();
  after.NumGC = 1;  // two collections later: number 2^32, which counts as 0, and number 1
  after.PauseNs[255] = 3000;
  after.PauseNs[0] = 1000;
  after.PauseNs[1] = 8000;  // an older one
  after.PauseTotalNs = 4000;
  const exercise::Rates rates = exercise::RatesBetween(before, after, 1.0);
  EXPECT_DOUBLE_EQ(rates.collections_per_second, 2);
  EXPECT_DOUBLE_EQ(rates.mean_pause_ns, 2000);
  EXPECT_EQ(rates.longest_pause_ns, 3000u);
}

TEST(Exercise, HoldsOfThisProcessToo) {
  const MemStats before = Read();
  std::vector<uint64_t> pauses;
  for (int i = 0; i < 300; ++i) {
    GC();
    const MemStats now = Read();
    pauses.push_back(now.PauseNs[(now.NumGC + 255) % 256]);
  }
  const MemStats after = Read();
  const exercise::Rates rates = exercise::RatesBetween(before, after, 1.0);
  EXPECT_EQ(rates.pauses_lost, 44u);
  EXPECT_EQ(rates.longest_pause_ns, *std::max_element(pauses.end() - 256, pauses.end()));
  uint64_t total_ns = 0;
  for (const uint64_t pause_ns : pauses) total_ns += pause_ns;
  EXPECT_DOUBLE_EQ(rates.mean_pause_ns, static_cast<double>(total_ns) / 300);
}

}  // namespace
