#include "heapwise/metrics.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <regex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/debug.h"
#include "heapwise/gc/collect_lock.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/log.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/thread_heap.h"

namespace heapwise::metrics {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

// All of them, as one Read has found them.
class Snapshot {
 public:
  Snapshot() {
    for (const Description& description : All())
      samples_.push_back({std::string(description.name)});
    Read(samples_);
  }

  const Value& operator[](const std::string& name) const {
    const auto found = std::ranges::find(samples_, name, &Sample::name);
    EXPECT_NE(found, samples_.end()) << name;
    return found->value;
  }
  uint64_t Number(const std::string& name) const { return (*this)[name].Uint64(); }
  double Seconds(const std::string& name) const { return (*this)[name].Float64(); }
  const std::vector<uint64_t>& Counts(const std::string& name) const {
    return (*this)[name].Histogram().counts;
  }

 private:
  std::vector<Sample> samples_;
};

uint64_t SumOf(const std::vector<uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

TEST(MetricsTest, AllAreDescribedAsInGo) {
  // What Go 1.27.4 says of those that we have. metrics_go_test.cc asks it.
  const std::map<std::string, std::pair<ValueKind, bool>> kGos = {
      {"/cpu/classes/gc/mark/assist:cpu-seconds", {ValueKind::kFloat64, true}},
      {"/cpu/classes/gc/pause:cpu-seconds", {ValueKind::kFloat64, true}},
      {"/cpu/classes/gc/total:cpu-seconds", {ValueKind::kFloat64, true}},
      {"/cpu/classes/total:cpu-seconds", {ValueKind::kFloat64, true}},
      {"/gc/cycles/automatic:gc-cycles", {ValueKind::kUint64, true}},
      {"/gc/cycles/forced:gc-cycles", {ValueKind::kUint64, true}},
      {"/gc/cycles/total:gc-cycles", {ValueKind::kUint64, true}},
      {"/gc/gogc:percent", {ValueKind::kUint64, false}},
      {"/gc/gomemlimit:bytes", {ValueKind::kUint64, false}},
      {"/gc/heap/allocs-by-size:bytes", {ValueKind::kFloat64Histogram, true}},
      {"/gc/heap/allocs:bytes", {ValueKind::kUint64, true}},
      {"/gc/heap/allocs:objects", {ValueKind::kUint64, true}},
      {"/gc/heap/frees:bytes", {ValueKind::kUint64, true}},
      {"/gc/heap/frees:objects", {ValueKind::kUint64, true}},
      {"/gc/heap/goal:bytes", {ValueKind::kUint64, false}},
      {"/gc/heap/live:bytes", {ValueKind::kUint64, false}},
      {"/gc/heap/objects:objects", {ValueKind::kUint64, false}},
      {"/gc/limiter/last-enabled:gc-cycle", {ValueKind::kUint64, false}},
      {"/gc/pauses:seconds", {ValueKind::kFloat64Histogram, true}},
      {"/gc/scan/globals:bytes", {ValueKind::kUint64, false}},
      {"/gc/scan/stack:bytes", {ValueKind::kUint64, false}},
      {"/memory/classes/heap/free:bytes", {ValueKind::kUint64, false}},
      {"/memory/classes/heap/objects:bytes", {ValueKind::kUint64, false}},
      {"/memory/classes/heap/released:bytes", {ValueKind::kUint64, false}},
      {"/memory/classes/heap/unused:bytes", {ValueKind::kUint64, false}},
      {"/memory/classes/metadata/other:bytes", {ValueKind::kUint64, false}},
      {"/memory/classes/total:bytes", {ValueKind::kUint64, false}},
      {"/sched/gomaxprocs:threads", {ValueKind::kUint64, false}},
      {"/sched/pauses/stopping/gc:seconds", {ValueKind::kFloat64Histogram, true}},
      {"/sched/pauses/stopping/other:seconds", {ValueKind::kFloat64Histogram, true}},
      {"/sched/pauses/total/gc:seconds", {ValueKind::kFloat64Histogram, true}},
      {"/sched/pauses/total/other:seconds", {ValueKind::kFloat64Histogram, true}},
  };
  // description.go: the regular expression of a name.
  const std::regex name_form("/[^:]+:[^:*/]+([*/][^:*/]+)*");
  std::map<std::string, std::pair<ValueKind, bool>> ours;
  for (const Description& description : All()) {
    const std::string name(description.name);
    EXPECT_TRUE(ours.try_emplace(name, description.kind, description.cumulative).second) << name;
    EXPECT_TRUE(std::regex_match(name, name_form)) << name;
    EXPECT_EQ(name.substr(name.size() - description.unit().size() - 1),
              ":" + std::string(description.unit()));
    EXPECT_TRUE(description.description.ends_with('.')) << name;
    // And is what is said of it.
    std::vector<Sample> sample = {{name}};
    Read(sample);
    EXPECT_EQ(sample[0].value.kind(), description.kind) << name;
  }
  EXPECT_EQ(ours, kGos);
  EXPECT_EQ(All().front().unit(), "cpu-seconds");
  EXPECT_TRUE(std::ranges::is_sorted(All(), {}, &Description::name));
}

TEST(MetricsTest, AnUnknownNameIsBad) {
  std::vector<Sample> samples = {{"/gc/heap/live:bytes"},  {"/gc/heap/live"}, {""},
                                 {"/gc/heap/live:bytes "}, {"/zzz:bytes"},    {"/a:b"}};
  samples[4].value = Value(uint64_t{7});
  Read(samples);
  EXPECT_EQ(samples[0].value.kind(), ValueKind::kUint64);
  for (size_t i = 1; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].value.kind(), ValueKind::kBad) << samples[i].name;
  }
  Read({});
}

TEST(MetricsTest, TheWrongAccessorIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto read = [](const char* name) {
    std::vector<Sample> samples = {{name}};
    Read(samples);
    return samples[0].value;
  };
  EXPECT_EXIT(read("/cpu/classes/total:cpu-seconds").Uint64(), testing::ExitedWithCode(2),
              "^panic: called Uint64 on non-uint64 metric value\n$");
  EXPECT_EXIT(read("/gc/heap/live:bytes").Float64(), testing::ExitedWithCode(2),
              "^panic: called Float64 on non-float64 metric value\n$");
  EXPECT_EXIT(read("/nothing:bytes").Histogram(), testing::ExitedWithCode(2),
              "^panic: called Histogram on non-Float64Histogram metric value\n$");
  GTEST_FLAG_SET(death_test_style, "fast");
}

TEST(MetricsTest, AgreesWithMemStats) {
  runtime::GC();
  for (int i = 0; i < 1000; ++i) runtime::MakeSlice<char>(500);
  runtime::MakeSlice<char>(kMiB);
  runtime::MemStats m;
  runtime::ReadMemStats(&m);
  const Snapshot s;
  EXPECT_EQ(s.Number("/gc/heap/allocs:bytes"), m.TotalAlloc);
  EXPECT_EQ(s.Number("/gc/heap/allocs:objects"), m.Mallocs);
  EXPECT_EQ(s.Number("/gc/heap/frees:bytes"), m.TotalAlloc - m.HeapAlloc);
  EXPECT_EQ(s.Number("/gc/heap/frees:objects"), m.Frees);
  EXPECT_EQ(s.Number("/gc/heap/objects:objects"), m.HeapObjects);
  EXPECT_EQ(s.Number("/gc/heap/goal:bytes"), m.NextGC);
  EXPECT_EQ(s.Number("/gc/heap/live:bytes"), runtime::internal::HeapMarked());
  EXPECT_EQ(s.Number("/gc/cycles/total:gc-cycles"), m.NumGC);
  EXPECT_EQ(s.Number("/gc/cycles/forced:gc-cycles"), m.NumForcedGC);
  EXPECT_EQ(s.Number("/memory/classes/heap/objects:bytes"), m.HeapAlloc);
  EXPECT_EQ(s.Number("/memory/classes/heap/unused:bytes"), m.HeapInuse - m.HeapAlloc);
  EXPECT_EQ(s.Number("/memory/classes/heap/free:bytes"), m.HeapIdle - m.HeapReleased);
  EXPECT_EQ(s.Number("/memory/classes/heap/released:bytes"), m.HeapReleased);
  EXPECT_EQ(s.Number("/memory/classes/metadata/other:bytes"), m.GCSys);
  EXPECT_EQ(s.Number("/memory/classes/total:bytes"), m.Sys);
  EXPECT_DOUBLE_EQ(s.Seconds("/cpu/classes/gc/pause:cpu-seconds"),
                   static_cast<double>(m.PauseTotalNs) * runtime::Processors() / 1e9);
}

void ExpectIdentities(const Snapshot& s) {
  EXPECT_EQ(s.Number("/gc/cycles/total:gc-cycles"),
            s.Number("/gc/cycles/automatic:gc-cycles") + s.Number("/gc/cycles/forced:gc-cycles"));
  EXPECT_EQ(s.Number("/gc/heap/objects:objects"),
            s.Number("/gc/heap/allocs:objects") - s.Number("/gc/heap/frees:objects"));
  EXPECT_LE(s.Number("/gc/heap/frees:objects"), s.Number("/gc/heap/allocs:objects"));
  EXPECT_LE(s.Number("/gc/heap/frees:bytes"), s.Number("/gc/heap/allocs:bytes"));
  EXPECT_EQ(s.Number("/memory/classes/total:bytes"),
            s.Number("/memory/classes/heap/free:bytes") +
                s.Number("/memory/classes/heap/objects:bytes") +
                s.Number("/memory/classes/heap/released:bytes") +
                s.Number("/memory/classes/heap/unused:bytes") +
                s.Number("/memory/classes/metadata/other:bytes"));
  EXPECT_NEAR(s.Seconds("/cpu/classes/gc/total:cpu-seconds"),
              s.Seconds("/cpu/classes/gc/pause:cpu-seconds") +
                  s.Seconds("/cpu/classes/gc/mark/assist:cpu-seconds"),
              1e-8);
  EXPECT_LE(s.Seconds("/cpu/classes/gc/total:cpu-seconds"),
            s.Seconds("/cpu/classes/total:cpu-seconds"));
  // The stopping is a part of the stop; as many were recorded, but for one that is under way.
  const uint64_t stopping = SumOf(s.Counts("/sched/pauses/stopping/gc:seconds"));
  const uint64_t total = SumOf(s.Counts("/sched/pauses/total/gc:seconds"));
  EXPECT_LE(std::max(stopping, total) - std::min(stopping, total), 1000u);
}

TEST(MetricsTest, IdentitiesHoldWhileOthersAllocateAndWhatIsCumulativeNeverFalls) {
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&done, t] {
      const runtime::ThreadScope scope;
      while (!done.load()) {
        for (int i = 0; i < 1000; ++i) runtime::MakeSlice<char>(static_cast<size_t>(10 + 700 * t));
        if (t == 0) runtime::GC();
      }
    });
  }
  // In a thread that the collector does not know.
  std::thread([] {
    Snapshot before;
    for (int i = 0; i < 300; ++i) {
      const Snapshot now;
      ExpectIdentities(now);
      for (const Description& description : All()) {
        if (!description.cumulative) continue;
        const std::string name(description.name);
        if (description.kind == ValueKind::kUint64) {
          EXPECT_GE(now.Number(name), before.Number(name)) << name;
        } else if (description.kind == ValueKind::kFloat64) {
          EXPECT_GE(now.Seconds(name), before.Seconds(name)) << name;
        } else {
          for (size_t b = 0; b < now.Counts(name).size(); ++b) {
            EXPECT_GE(now.Counts(name)[b], before.Counts(name)[b]) << name;
          }
        }
      }
      before = now;
    }
  }).join();
  done.store(true);
  for (std::thread& thread : threads) thread.join();
}

TEST(MetricsTest, SettingsAreThoseInForce) {
  const int percent = debug::SetGCPercent(50);
  const int64_t limit = debug::SetMemoryLimit(int64_t{1} << 40);
  EXPECT_EQ(Snapshot().Number("/gc/gogc:percent"), 50u);
  EXPECT_EQ(Snapshot().Number("/gc/gomemlimit:bytes"), uint64_t{1} << 40);
  debug::SetGCPercent(-1);
  EXPECT_EQ(Snapshot().Number("/gc/gogc:percent"), std::numeric_limits<uint64_t>::max());
  debug::SetMemoryLimit(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Snapshot().Number("/gc/gomemlimit:bytes"), (uint64_t{1} << 63) - 1);
  debug::SetGCPercent(percent);
  debug::SetMemoryLimit(limit);
  EXPECT_EQ(Snapshot().Number("/sched/gomaxprocs:threads"),
            static_cast<uint64_t>(runtime::Processors()));
}

TEST(MetricsTest, ScannedRootsAreThoseOfTheLastCollection) {
  runtime::GC();
  const runtime::Collection c =
      runtime::CollectionLog::Since(runtime::CollectionLog::Next() - 1).collections.at(0);
  const Snapshot s;
  EXPECT_EQ(s.Number("/gc/scan/globals:bytes"), c.globals_bytes);
  EXPECT_EQ(s.Number("/gc/scan/stack:bytes"), c.stack_bytes);
}

// The count of the bucket that a time lies in.
uint64_t CountAt(const Value& value, uint64_t ns) {
  const Float64Histogram& histogram = value.Histogram();
  const auto above = std::ranges::upper_bound(histogram.buckets, static_cast<double>(ns) / 1e9);
  return histogram.counts[static_cast<size_t>(above - histogram.buckets.begin()) - 1];
}

TEST(MetricsTest, EachPauseIsInItsBucket) {
  for (int i = 0; i < 10; ++i) {
    const Snapshot before;
    runtime::GC();
    const Snapshot after;
    const runtime::Collection c =
        runtime::CollectionLog::Since(runtime::CollectionLog::Next() - 1).collections.at(0);
    for (const auto& [name, ns] : {std::pair{"/sched/pauses/total/gc:seconds", c.pause_ns},
                                   {"/sched/pauses/stopping/gc:seconds", c.stop_ns}}) {
      EXPECT_EQ(SumOf(after.Counts(name)), SumOf(before.Counts(name)) + 1);
      EXPECT_EQ(CountAt(after[name], ns), CountAt(before[name], ns) + 1) << name << " " << ns;
    }
    EXPECT_EQ(after.Counts("/sched/pauses/total/other:seconds"),
              before.Counts("/sched/pauses/total/other:seconds"));
  }
}

TEST(MetricsTest, ReadMemStatsIsAnotherStop) {
  const Snapshot before;
  runtime::MemStats m;
  runtime::ReadMemStats(&m);
  const Snapshot after;
  for (const char* name :
       {"/sched/pauses/total/other:seconds", "/sched/pauses/stopping/other:seconds"}) {
    EXPECT_EQ(SumOf(after.Counts(name)), SumOf(before.Counts(name)) + 1) << name;
  }
  EXPECT_EQ(after.Counts("/sched/pauses/total/gc:seconds"),
            before.Counts("/sched/pauses/total/gc:seconds"));
}

TEST(MetricsTest, AllocationsAreCountedBySize) {
  const auto in_bucket = [](const Snapshot& s, double size) {
    const Float64Histogram& h = s["/gc/heap/allocs-by-size:bytes"].Histogram();
    const auto above = std::ranges::upper_bound(h.buckets, size);
    return h.counts[static_cast<size_t>(above - h.buckets.begin()) - 1];
  };
  const Snapshot before;
  for (int i = 0; i < 100; ++i) runtime::New<int64_t>(1);
  for (int i = 0; i < 10; ++i) runtime::MakeSlice<char>(31);  // with the byte past its end 32
  for (int i = 0; i < 3; ++i) runtime::MakeSlice<char>(100'000);
  const Snapshot after;
  EXPECT_EQ(in_bucket(after, 1), in_bucket(before, 1) + 100);
  EXPECT_EQ(in_bucket(after, 16), in_bucket(before, 16) + 100);
  EXPECT_EQ(in_bucket(after, 17), in_bucket(before, 17) + 10);
  EXPECT_EQ(in_bucket(after, 32), in_bucket(before, 32) + 10);
  EXPECT_EQ(in_bucket(after, 33), in_bucket(before, 33));
  EXPECT_EQ(in_bucket(after, 1e9), in_bucket(before, 1e9) + 3);
  EXPECT_EQ(SumOf(after.Counts("/gc/heap/allocs-by-size:bytes")),
            after.Number("/gc/heap/allocs:objects"));
}

TEST(MetricsTest, AHistogramKeepsItsMemory) {
  std::vector<Sample> samples = {{"/sched/pauses/total/gc:seconds"}};
  Read(samples);
  const uint64_t* const counts = samples[0].value.Histogram().counts.data();
  runtime::GC();
  Read(samples);
  EXPECT_EQ(samples[0].value.Histogram().counts.data(), counts);
}

TEST(MetricsTest, ReadingTakesNoLock) {
  runtime::New<int64_t>(1);
  std::atomic<bool> read{false};
  std::thread reader;
  {
    const runtime::internal::CollectLock collect_lock;
    const runtime::internal::AllocLock alloc_lock;
    reader = std::thread([&read] {
      ExpectIdentities(Snapshot());
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

}  // namespace
}  // namespace heapwise::metrics
