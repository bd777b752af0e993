#include <cstdint>
#include <set>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "gtest/gtest.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "lessons/13-pause-monitor/lesson.h"

namespace {

using heapwise::bench::CountAllocations;
using heapwise::runtime::Collection;
using heapwise::runtime::CollectionLog;
using heapwise::runtime::ReadMemStats;

constexpr uint64_t kMs = 1'000'000;  // nanoseconds

// The statistics of a process whose collections took these pauses, as the runtime would fill them in.
class FakeProcess {
 public:
  void Pause(uint64_t ns, int times = 1) {
    for (int i = 0; i < times; ++i) {
      stats_.PauseNs[stats_.NumGC % 256] = ns;
      stats_.PauseTotalNs += ns;
      ++stats_.NumGC;
    }
  }
  const MemStats& stats() const { return stats_; }

 private:
  MemStats stats_;
};

MemStats StatsNow() {
  MemStats stats;
  ReadMemStats(&stats);
  return stats;
}

TEST(Monitor, BothAlertWhenEveryPauseIsTooLong) {
  FakeProcess process;
  process.Pause(11 * kMs, 20);
  EXPECT_TRUE(slow::Look(process.stats(), 0).alert);
  EXPECT_TRUE(fast::Look(process.stats(), 0).alert);
}

TEST(Monitor, NeitherAlertsWhileAllPausesMeetTheTarget) {
  FakeProcess process;
  process.Pause(10 * kMs, 20);
  EXPECT_FALSE(slow::Look(process.stats(), 0).alert);
  EXPECT_FALSE(fast::Look(process.stats(), 0).alert);
}

TEST(Monitor, OneLongPauseAmongShortOnesIsSeenByTheMaximumOnly) {
  FakeProcess process;
  process.Pause(1 * kMs, 99);
  process.Pause(200 * kMs);

  const Report average = slow::Look(process.stats(), 0);
  EXPECT_EQ(average.pause_ns, 2'990'000u);
  EXPECT_FALSE(average.alert);

  const Report tail = fast::Look(process.stats(), 0);
  EXPECT_EQ(tail.pause_ns, 200 * kMs);
  EXPECT_EQ(tail.p99_ns, 1 * kMs);  // 99 of 100: a percentile, too, leaves something out
  EXPECT_TRUE(tail.alert);
}

TEST(Monitor, AGoodPastHidesABadMinuteFromTheAverage) {
  FakeProcess process;
  process.Pause(1 * kMs, 200);
  process.Pause(50 * kMs, 20);
  EXPECT_FALSE(slow::Look(process.stats(), 200).alert);
  EXPECT_TRUE(fast::Look(process.stats(), 200).alert);
}

TEST(Monitor, ABadPastKeepsTheAverageAlerting) {
  FakeProcess process;
  process.Pause(50 * kMs, 20);
  process.Pause(1 * kMs, 50);
  EXPECT_TRUE(slow::Look(process.stats(), 20).alert);
  EXPECT_FALSE(fast::Look(process.stats(), 20).alert);
}

TEST(Monitor, OnlyWhatIsNewCounts) {
  FakeProcess process;
  process.Pause(50 * kMs);
  EXPECT_TRUE(fast::Look(process.stats(), 0).alert);
  const Report again = fast::Look(process.stats(), 1);
  EXPECT_EQ(again.pauses, 0u);
  EXPECT_FALSE(again.alert);
}

TEST(Monitor, TheRingKeeps256) {
  FakeProcess process;
  process.Pause(50 * kMs, 44);
  process.Pause(1 * kMs, 256);
  const Report late = fast::Look(process.stats(), 0);
  EXPECT_EQ(late.pauses, 256u);
  EXPECT_EQ(late.missed, 44u);
  EXPECT_FALSE(late.alert);  // the long ones are gone

  EXPECT_EQ(fast::Look(process.stats(), 44).missed, 0u);
}

TEST(Monitor, CountsRightlyWhenNumGCWrapsAround) {
  MemStats stats;
  stats.NumGC = 2;  // 2^32 and 2 collections
  stats.PauseNs[255] = 30 * kMs;
  stats.PauseNs[0] = stats.PauseNs[1] = 1 * kMs;
  const Report report = fast::Look(stats, 0xffffffff);
  EXPECT_EQ(report.pauses, 3u);
  EXPECT_EQ(report.pause_ns, 30 * kMs);
}

TEST(BeforeTheFirstCollection, FastHasNothingToReport) {
  const Report report = fast::Look(MemStats{}, 0);
  EXPECT_EQ(report.pauses, 0u);
  EXPECT_EQ(report.pause_ns, 0u);
  EXPECT_FALSE(report.alert);
}

#ifdef __x86_64__  // other processors answer a division by zero with a number
TEST(BeforeTheFirstCollection, SlowKillsTheProcessThatItWatches) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(slow::Look(MemStats{}, 0), "");
}
#endif

TEST(RealProcess, ALookAllocatesNothing) {
  heapwise::runtime::GC();
  for (const auto look : {slow::Look, fast::Look}) {
    EXPECT_EQ(CountAllocations([look] { look(StatsNow(), 0); }).allocs(), 0u);
  }
}

TEST(RealProcess, After300CollectionsTheRingHasLost44) {
  const uint32_t seen = StatsNow().NumGC;
  for (int i = 0; i < 300; ++i) heapwise::runtime::GC();
  const Report report = fast::Look(StatsNow(), seen);
  EXPECT_EQ(report.pauses, 256u);
  EXPECT_EQ(report.missed, 44u);
}

TEST(RealProcess, TheReportIsWhatTheCollectorRecorded) {
  const uint64_t before = CollectionLog::Next();
  const uint32_t seen = StatsNow().NumGC;
  for (int i = 0; i < 20; ++i) heapwise::runtime::GC();
  const Report report = fast::Look(StatsNow(), seen);
  std::multiset<uint64_t> pauses;
  for (const Collection& c : CollectionLog::Since(before).collections) pauses.insert(c.pause_ns);
  EXPECT_EQ(report.pauses, 20u);
  EXPECT_EQ(report.pause_ns, *pauses.rbegin());
  EXPECT_EQ(report.p99_ns, *pauses.rbegin());
}

// Why the average stays low: with the export, collections have much to mark and become rare.
TEST(Service, CollectionsAreRareWhileTheExportIsInMemory) {
  const auto serve = [](int minute) {
    const uint64_t before = CollectionLog::Next();
    ServeMinute(minute);
    return CollectionLog::Since(before).collections;
  };
  const std::vector<Collection> quiet = serve(kExportBegins - 1);
  EXPECT_GE(quiet.size(), 12u);  // 50 MiB of garbage, and a goal of 4 MiB
  for (const Collection& c : quiet) EXPECT_LT(c.heap_after_bytes, uint64_t{4} << 20);

  EXPECT_GE(serve(kExportBegins).back().heap_after_bytes, kRows * 32u);
  EXPECT_EQ(CountExport(), kRows);

  const std::vector<Collection> loaded = serve(kExportEnds);
  EXPECT_GE(loaded.size(), 2u);  // with the forced one at its end
  EXPECT_GE(loaded.front().heap_after_bytes, kRows * 32u);
  EXPECT_LE(loaded.size(), 3u);

  EXPECT_EQ(CountExport(), 0);
  // Not even a stale address keeps more of it than a part or two.
  for (const Collection& c : serve(kExportEnds + 1))
    EXPECT_LT(c.heap_after_bytes, uint64_t{1} << 20);
}

TEST(Exercise, BeforeTheFirstCollectionThereIsNothing) {
  exercise::PauseHistogram histogram;
  histogram.Add(MemStats{});
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.missed(), 0u);
  EXPECT_EQ(histogram.Percentile(100), 0u);
}

TEST(Exercise, EachPauseIsCountedOnce) {
  FakeProcess process;
  exercise::PauseHistogram histogram;
  uint64_t pauses = 0;
  for (const int fresh : {1, 0, 7, 100, 0, 256, 3}) {
    process.Pause(1 * kMs, fresh);
    pauses += fresh;
    histogram.Add(process.stats());
    EXPECT_EQ(histogram.count(), pauses);
  }
  EXPECT_EQ(histogram.missed(), 0u);
}

TEST(Exercise, LostPausesAreCountedAsMissed) {
  FakeProcess process;
  exercise::PauseHistogram histogram;
  process.Pause(1 * kMs, 300);
  histogram.Add(process.stats());
  EXPECT_EQ(histogram.count(), 256u);
  EXPECT_EQ(histogram.missed(), 44u);
  process.Pause(1 * kMs, 257);
  histogram.Add(process.stats());
  EXPECT_EQ(histogram.count(), 512u);
  EXPECT_EQ(histogram.missed(), 45u);
}

TEST(Exercise, PercentilesAreThoseOfAllLooks) {
  FakeProcess process;
  exercise::PauseHistogram histogram;
  for (int minute = 0; minute < 100; ++minute) {
    process.Pause(minute == 20 ? 40 * kMs : 1 * kMs, 10);
    histogram.Add(process.stats());
  }
  EXPECT_EQ(histogram.count(), 1000u);
  EXPECT_EQ(histogram.Percentile(50), uint64_t{1} << 20);  // 1 ms is under 2^20 ns
  EXPECT_EQ(histogram.Percentile(99),
            uint64_t{1} << 20);  // 10 of 1000 are long: p99 just misses them
  EXPECT_EQ(histogram.Percentile(100), uint64_t{1} << 26);  // 40 ms is under 2^26 ns
}

TEST(Exercise, CountsTheCollectionsOfThisProcess) {
  exercise::PauseHistogram histogram;
  histogram.Add(StatsNow());
  const uint64_t before = histogram.count();
  for (int i = 0; i < 5; ++i) {
    heapwise::runtime::GC();
    histogram.Add(StatsNow());
  }
  EXPECT_EQ(histogram.count(), before + 5);
}

}  // namespace
