#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "lessons/15-tuning-strategies/lesson.h"
#include "lessons/15-tuning-strategies/load.h"

namespace {

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::debug::SetGCPercent;
using heapwise::debug::SetMemoryLimit;
using heapwise::runtime::CollectionLog;
using testing::ElementsAre;

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kMiB = 1 << 20;

// A clock that only moves when it is told to.
class MadeUpClock : public Clock {
 public:
  int64_t Now() override { return now_; }
  void WaitUntil(int64_t ns) override { now_ = std::max(now_, ns); }
  void Pass(int64_t ns) { now_ += ns; }

 private:
  int64_t now_ = 7 * kMs;  // not 0: nothing may rely on it
};

// Serves requests that take so long each, under the load.
template <class Load>
void Serve(MadeUpClock& clock, Load& load, const std::vector<int64_t>& service_ns) {
  for (const int64_t ns : service_ns) load.Next([&] { clock.Pass(ns); });
}

// 1,000 requests that take no time at all, but for one, during which the server stalls for 100 ms.
std::vector<int64_t> OneStall() {
  std::vector<int64_t> service_ns(1000, 0);
  service_ns[300] = 100 * kMs;
  return service_ns;
}

TEST(OpenLoop, AStallOf100MsShowsInEveryRequestThatIsDueMeanwhile) {
  MadeUpClock clock;
  OpenLoop load(clock, kMs, 1000);
  Serve(clock, load, OneStall());
  const std::vector<int64_t>& latencies = load.latencies_ns();
  ASSERT_EQ(latencies.size(), 1000u);
  for (int64_t i = 0; i < 1000; ++i) {
    const bool during = i >= 300 && i < 400;
    ASSERT_EQ(latencies[i], during ? (400 - i) * kMs : 0) << "request " << i;
  }
  EXPECT_EQ(CountLate(latencies, 0), 100) << "a tenth of all: p99 is 90 ms";
}

TEST(ClosedLoop, SeesTheSameStallOnce) {
  MadeUpClock clock;
  ClosedLoop load(clock, 1000);
  Serve(clock, load, OneStall());
  EXPECT_EQ(load.latencies_ns(), OneStall());
  EXPECT_EQ(CountLate(load.latencies_ns(), 0), 1) << "one in a thousand: p99 is 0";
}

TEST(OpenLoop, RequestsThatAreLateDoNotMoveWhenTheNextAreDue) {
  MadeUpClock clock;
  OpenLoop load(clock, 10, 6);
  Serve(clock, load, {25, 4, 4, 4, 4, 4});
  // Due at 0, 10, 20, 30, 40, 50; answered at 25, 29, 33, 37, 44, 54.
  EXPECT_THAT(load.latencies_ns(), ElementsAre(25, 19, 13, 7, 4, 4));
}

TEST(OpenLoop, AtTooHighARateEachRequestWaitsLongerThanTheOneBefore) {
  MadeUpClock clock;
  OpenLoop load(clock, 10, 5);
  Serve(clock, load, {12, 12, 12, 12, 12});
  EXPECT_THAT(load.latencies_ns(), ElementsAre(12, 14, 16, 18, 20));
}

TEST(OpenLoop, NotingALatencyAllocatesNothing) {
  MadeUpClock clock;
  OpenLoop load(clock, 10, 100);
  const Allocations made = CountAllocations([&load] {
    for (int i = 0; i < 100; ++i) load.Next([] {});
  });
  EXPECT_EQ(made.allocs(), 0u);
}

TEST(WatchedClock, WaitsNoShorterThanItWasAskedTo) {
  WatchedClock clock;
  const int64_t until = clock.Now() + kMs;
  clock.WaitUntil(until);
  EXPECT_GE(clock.Now(), until);
  clock.WaitUntil(until - kMs);  // over already: returns
}

TEST(CountLate, CountsWhatTookLongerThanTheTarget) {
  EXPECT_EQ(CountLate(std::vector<int64_t>{1, 5, 6, 7}, 5), 2);
  EXPECT_EQ(CountLate({}, 5), 0);
}

class TuningStrategies : public testing::Test {
 protected:
  void SetUp() override { SetDefaults(); }
  void TearDown() override {
    SetDefaults();
    CloseShop();
  }
  static void SetDefaults() {
    SetGCPercent(100);
    SetMemoryLimit(kNoLimit);
  }
};

TEST_F(TuningStrategies, SlowAndFastServeTheSameCatalogueAndAnswerAlike) {
  for (const auto start_service : {slow::StartService, fast::StartService}) {
    start_service();
    EXPECT_EQ(CountCatalogue(), kArticles * kTreeNodes);
    EXPECT_EQ(HandleRequest(), kTreeNodes);
  }
}

TEST_F(TuningStrategies, EachSetsWhatTheTableSaysAndNothingElse) {
  struct Row {
    void (*start_service)();
    int percent;
    int64_t limit;
  };
  for (const Row& row :
       {Row{slow::StartService, 50, kNoLimit}, Row{fast::StartService, 200, kNoLimit},
        Row{strategies::StartDefault, 100, kNoLimit},
        Row{strategies::StartWithLimit, 100, 11 * kMiB}}) {
    SetDefaults();
    row.start_service();
    EXPECT_EQ(SetGCPercent(100), row.percent);
    EXPECT_EQ(SetMemoryLimit(-1), row.limit);
  }
}

TEST_F(TuningStrategies, ARequestAllocatesItsNodesAndNothingElse) {
  OpenShop();
  const Allocations made = CountAllocations(HandleRequest);
  EXPECT_EQ(made.gc_allocs, static_cast<uint64_t>(kTreeNodes));
  EXPECT_EQ(made.gc_bytes, static_cast<uint64_t>(kTreeBytes));
  EXPECT_EQ(made.new_allocs, 0u);
}

TEST_F(TuningStrategies, InTheRushTheSessionsLiveAndAfterItTheyAreGone) {
  OpenShop();
  int64_t served = 0;
  const auto serve_until = [&served](int64_t request) {
    for (; served < request; ++served) HandleRequest();
  };
  serve_until(kLogIn);
  EXPECT_EQ(CountSessions(), 0);
  serve_until(kLogIn + kSessions);
  EXPECT_EQ(CountSessions(), kSessions);
  serve_until(kLogOut);
  EXPECT_EQ(CountSessions(), kSessions);
  serve_until(kLogOut + 1);
  EXPECT_EQ(CountSessions(), 0);
  serve_until(kRequests + kLogIn + 1);
  EXPECT_EQ(CountSessions(), 1) << "the next day";
}

// What a day comes to under a setting.
struct Total {
  int64_t collections;
  int64_t in_the_rush;  // of these
  int64_t peak_heap;    // bytes of objects
  int64_t peak_memory;  // bytes that the collector held
};

Total ServeDay(void (*start_service)()) {
  start_service();
  heapwise::runtime::GC();
  heapwise::runtime::ResetPeakHeap();
  const uint64_t before = CollectionLog::Next();
  for (int64_t i = 0; i < kRequests; ++i) HandleRequest();
  const Total total = {.collections = static_cast<int64_t>(CollectionLog::Next() - before),
                       .in_the_rush = RushCollections(),
                       .peak_heap = static_cast<int64_t>(heapwise::runtime::PeakHeapBytes()),
                       .peak_memory = PeakMemory()};
  SetGCPercent(100);
  SetMemoryLimit(kNoLimit);
  CloseShop();
  return total;
}

// The rows of the table, as far as they are counts. The lowest memory first: what a process has once taken it mostly
// keeps.
TEST_F(TuningStrategies, CollectMoreOftenWhereTheyHoldLessMemory) {
  const Total limit = ServeDay(strategies::StartWithLimit);
  const Total at_50 = ServeDay(slow::StartService);
  const Total at_100 = ServeDay(strategies::StartDefault);
  const Total at_200 = ServeDay(fast::StartService);

  EXPECT_LE(limit.peak_memory, kLimitBytes);
  EXPECT_GT(at_100.peak_memory, kLimitBytes);
  EXPECT_GE(at_100.in_the_rush, 1);
  EXPECT_GE(limit.in_the_rush, 2 * at_100.in_the_rush);
  // By the formula twice as many; but only whole ones count.
  EXPECT_GE(2 * at_50.collections, 3 * at_100.collections);
  EXPECT_GE(2 * at_100.collections, 3 * at_200.collections);
  // A request's own tree is among what lives when a collection comes, and raises the next goal a little.
  const double live = 2 * kArticles * kTreeBytes;
  EXPECT_NEAR(static_cast<double>(at_50.peak_heap), 1.5 * live, 0.05 * live);
  EXPECT_NEAR(static_cast<double>(at_100.peak_heap), 2 * live, 0.05 * live);
  EXPECT_NEAR(static_cast<double>(at_200.peak_heap), 3 * live, 0.2 * live);
  EXPECT_LE(limit.peak_heap, at_50.peak_heap);
}

// The exercise.

using exercise::ChooseSetting;
using exercise::LatenciesAtRate;
using exercise::Need;
using exercise::Trial;

// Requests of 10 us; every so many of them one meets a collection that takes this long.
Trial WithStops(int64_t requests, int64_t every, int64_t stop_ns, int64_t peak_bytes) {
  Trial trial = {.service_ns = std::vector<int64_t>(requests, 10'000), .peak_bytes = peak_bytes};
  for (int64_t i = every - 1; i < requests; i += every) trial.service_ns[i] += stop_ns;
  return trial;
}

// Each latency must be what the open loop of the benchmarks notes. Tells of the first that is not.
void ExpectLatencies(const std::vector<int64_t>& service_ns, int64_t interval_ns) {
  MadeUpClock clock;
  OpenLoop load(clock, interval_ns, static_cast<int64_t>(service_ns.size()));
  Serve(clock, load, service_ns);
  const std::vector<int64_t> latencies = LatenciesAtRate(service_ns, interval_ns);
  ASSERT_EQ(latencies.size(), service_ns.size()) << "one latency for each request";
  int64_t free = 0;  // when those before were answered
  for (size_t i = 0; i < latencies.size(); ++i) {
    const int64_t due = static_cast<int64_t>(i) * interval_ns;
    ASSERT_EQ(latencies[i], load.latencies_ns()[i])
        << "Request " << i << " was due at " << due << ", the service was free at " << free
        << " and took " << service_ns[i] << " for it. How long after it was due was it answered?";
    free = due + latencies[i];
  }
}

// Where they are not, the test of the stall says so, and the tests after it have nothing to add.
bool LatenciesAreRight() { return CountLate(LatenciesAtRate(OneStall(), kMs), 0) == 100; }

TEST(Exercise, WhereNobodyWaitsTheLatencyIsTheServiceTime) {
  ExpectLatencies({3, 10, 1, 9}, 10);
  ExpectLatencies({}, 10);
}

TEST(Exercise, AStallOf100MsShowsInEveryRequestThatIsDueMeanwhile) {
  EXPECT_EQ(CountLate(LatenciesAtRate(OneStall(), kMs), 0), 100)
      << "The server stalls for 100 ms and a request is due every millisecond: a hundred of them "
         "wait. A closed loop sees only one.";
}

TEST(Exercise, TheQueueIsServedOneByOne) {
  if (!LatenciesAreRight()) return;
  ExpectLatencies({25, 4, 4, 4, 4, 4}, 10);  // answered at 25, 29, 33, 37, 44, 54
}

TEST(Exercise, AtTooHighARateEachWaitsLongerThanTheOneBefore) {
  if (!LatenciesAreRight()) return;
  ExpectLatencies({12, 12, 12, 12, 12}, 10);
}

TEST(Exercise, HoldsForAnyServiceTimes) {
  if (!LatenciesAreRight()) return;
  for (const unsigned seed : {1u, 2u, 3u, 4u, 5u}) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int64_t> usual(0, 150);
    std::vector<int64_t> service_ns(200);
    for (int64_t& ns : service_ns) ns = usual(random) + (random() % 20 == 0 ? 1000 : 0);
    ExpectLatencies(service_ns, 120);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(Exercise, RareStopsBeatFrequentOnesOfTheSameLength) {
  if (!LatenciesAreRight()) return;
  const std::vector<Trial> trials = {WithStops(1000, 100, 2 * kMs, kMiB),
                                     WithStops(1000, 400, 2 * kMs, 4 * kMiB)};
  EXPECT_EQ(
      ChooseSetting(trials, {.interval_ns = 40'000, .target_ns = kMs, .budget_bytes = 8 * kMiB}), 1)
      << "stops of the same length: fewer of them make fewer requests late";
}

// Three stops of 2 ms or one of 20 ms: at 25,000 requests a second the long one makes more of them late, at one
// request every 50 ms it is the other way round.
TEST(Exercise, WhatIsBestDependsOnTheRate) {
  if (!LatenciesAreRight()) return;
  const Trial three_short = WithStops(1000, 300, 2 * kMs, kMiB);
  const Trial one_long = WithStops(1000, 600, 20 * kMs, kMiB);
  const Need busy = {.interval_ns = 40'000, .target_ns = kMs, .budget_bytes = kMiB};
  const Need quiet = {.interval_ns = 50 * kMs, .target_ns = kMs, .budget_bytes = kMiB};
  const std::string hint =
      "three stops of 2 ms or one of 20 ms: count the requests that each makes late, at the rate "
      "that is asked for";
  ASSERT_EQ(ChooseSetting(std::vector{three_short, one_long}, busy), 0) << hint;
  ASSERT_EQ(ChooseSetting(std::vector{one_long, three_short}, busy), 1) << hint;
  ASSERT_EQ(ChooseSetting(std::vector{three_short, one_long}, quiet), 1) << hint;
}

TEST(Exercise, ARequestThatTakesJustTheTargetIsNotLate) {
  if (!LatenciesAreRight()) return;
  const std::vector<Trial> trials = {{.service_ns = {11, 1, 1}, .peak_bytes = 1},
                                     {.service_ns = {10, 10, 10}, .peak_bytes = 2}};
  EXPECT_EQ(ChooseSetting(trials, {.interval_ns = 20, .target_ns = 10, .budget_bytes = 2}), 1)
      << "late is later than the target";
}

TEST(Exercise, ASettingOverTheBudgetIsNotChosen) {
  if (!LatenciesAreRight()) return;
  const std::vector<Trial> trials = {WithStops(1000, 50, 2 * kMs, 10 * kMiB),
                                     WithStops(1000, 100, 2 * kMs, 14 * kMiB),
                                     WithStops(1000, 400, 2 * kMs, 20 * kMiB)};
  const auto choose_within = [&trials](int64_t budget_bytes) {
    return ChooseSetting(trials,
                         {.interval_ns = 40'000, .target_ns = kMs, .budget_bytes = budget_bytes});
  };
  ASSERT_EQ(choose_within(20 * kMiB), 2) << "just the budget is within it";
  ASSERT_EQ(choose_within(20 * kMiB - 1), 1) << "the best is a byte over the budget";
  ASSERT_EQ(choose_within(14 * kMiB - 1), 0) << "only the first is within the budget";
  ASSERT_EQ(choose_within(10 * kMiB - 1), -1) << "none keeps to it";
}

TEST(Exercise, OfTwoThatAreAsGoodTheOneWithLessMemory) {
  if (!LatenciesAreRight()) return;
  const Trial lean = WithStops(100, 50, 2 * kMs, kMiB);
  const Trial fat = WithStops(100, 50, 2 * kMs, 2 * kMiB);
  const Need need = {.interval_ns = 40'000, .target_ns = kMs, .budget_bytes = 4 * kMiB};
  ASSERT_EQ(ChooseSetting(std::vector{fat, lean}, need), 1)
      << "both make as many late: the one with less memory";
  ASSERT_EQ(ChooseSetting(std::vector{lean, fat}, need), 0)
      << "both make as many late: the one with less memory";
  EXPECT_EQ(ChooseSetting({}, need), -1) << "there is none";
}

}  // namespace
