#include "benchmarks/harness/counters.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::bench {
namespace {

using ::benchmark::Counter;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// 1000, 999, ... 1: the value of rank n is n.
std::vector<double> Thousand() {
  std::vector<double> ns;
  for (int n = 1000; n > 0; --n) ns.push_back(n);
  return ns;
}

std::map<std::string, double> Values(const benchmark::UserCounters& counters) {
  std::map<std::string, double> values;
  for (const auto& [name, counter] : counters) values[name] = counter.value;
  return values;
}

TEST(CountersTest, AllocationsOfBothKindsForEachOperation) {
  benchmark::UserCounters counters;
  AddAllocations({.new_allocs = 1, .new_bytes = 20, .gc_allocs = 300, .gc_bytes = 4000}, counters);
  EXPECT_THAT(Values(counters),
              UnorderedElementsAre(Pair("allocs_per_op", 301), Pair("bytes_per_op", 4020),
                                   Pair("new_allocs_per_op", 1), Pair("new_bytes_per_op", 20),
                                   Pair("gc_allocs_per_op", 300), Pair("gc_bytes_per_op", 4000)));
  for (const auto& [name, counter] : counters)
    EXPECT_EQ(counter.flags, Counter::kAvgIterations) << name;
}

TEST(CountersTest, LatenciesAreNearestRanks) {
  benchmark::UserCounters counters;
  AddLatencies(Thousand(), counters);
  EXPECT_THAT(Values(counters),
              UnorderedElementsAre(Pair("request_p50_ns", 500), Pair("request_p99_ns", 990),
                                   Pair("request_p999_ns", 999), Pair("request_max_ns", 1000)));
  EXPECT_EQ(counters.size(), kLatencyCounters.size());
  for (const char* name : kLatencyCounters) EXPECT_TRUE(counters.contains(name)) << name;
  AddLatencies({}, counters);
  EXPECT_EQ(counters["request_max_ns"], 0);
}

TEST(CountersTest, PausesOfAMadeUpLog) {
  ProcessCounts counts;
  for (const double ns : Thousand()) {
    runtime::Collection collection;
    collection.max_pause_ns = static_cast<uint64_t>(ns);
    collection.pause_ns = 2 * static_cast<uint64_t>(ns);
    counts.log.collections.push_back(collection);
  }
  counts.log.lost = 24;
  benchmark::UserCounters counters;
  AddCollections(counts, counters);
  EXPECT_EQ(counters["collections"], 1024);
  EXPECT_EQ(counters["collections_per_1000_ops"].value, 1'024'000);
  EXPECT_EQ(counters["collections_per_1000_ops"].flags, Counter::kAvgIterations);
  EXPECT_EQ(counters["pause_total_ns"], 1'001'000);
  EXPECT_EQ(counters["pause_p50_ns"], 500);
  EXPECT_EQ(counters["pause_p99_ns"], 990);
  EXPECT_EQ(counters["pause_max_ns"], 1000);
  EXPECT_EQ(counters["pause_mean_ns"], 500.5);
  EXPECT_FALSE(counters.contains("pause_p999_ns"));
}

TEST(CountersTest, PhasesAreMeansOverTheCollections) {
  ProcessCounts counts;
  counts.log.collections.resize(2);
  counts.log.collections[0] = {.pause_ns = 100,
                               .max_pause_ns = 60,
                               .stop_ns = 10,
                               .mark_ns = 70,
                               .concurrent_mark_ns = 1000,
                               .sweep_ns = 500};
  counts.log.collections[1] = {.pause_ns = 300,
                               .max_pause_ns = 200,
                               .stop_ns = 30,
                               .mark_ns = 210,
                               .concurrent_mark_ns = 3000,
                               .sweep_ns = 1500};
  benchmark::UserCounters counters;
  AddCollections(counts, counters);
  EXPECT_EQ(counters["pause_mean_ns"], 130);
  EXPECT_EQ(counters["phase_stop_ns"], 20);
  EXPECT_EQ(counters["phase_mark_ns"], 140);
  EXPECT_EQ(counters["phase_restart_ns"], 40);
  EXPECT_EQ(counters["phase_concurrent_mark_ns"], 2000);
  EXPECT_EQ(counters["phase_sweep_ns"], 1000);
}

TEST(CountersTest, TheShareOfTheProcessorsTime) {
  benchmark::UserCounters counters;
  AddCollections({.wall_ns = 1000,
                  .gc_cpu_ns = 500,
                  .processors = 4,
                  .peak_heap_bytes = 7,
                  .live_heap_bytes = 5},
                 counters);
  EXPECT_EQ(counters["gc_cpu_fraction"], 0.125);
  EXPECT_EQ(counters["peak_heap_bytes"], 7);
  EXPECT_EQ(counters["live_heap_bytes"], 5);
  AddCollections({.wall_ns = 1000, .gc_cpu_ns = 9000, .processors = 4}, counters);
  EXPECT_EQ(counters["gc_cpu_fraction"], 1);
  AddCollections({.wall_ns = 0, .gc_cpu_ns = 5}, counters);
  EXPECT_EQ(counters["gc_cpu_fraction"], 0);
}

TEST(CountersTest, WithoutCollectionsThereIsNothingToReport) {
  benchmark::UserCounters counters;
  AddCollections({}, counters);
  for (const auto& [name, value] : Values(counters)) EXPECT_EQ(value, 0) << name;
}

}  // namespace
}  // namespace heapwise::bench
