#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/harness/lesson.h"
#include "benchmarks/stats/quantile.h"
#include "heapwise/gc/gc_events.h"
#include "lessons/15-tuning-strategies/lesson.h"
#include "lessons/15-tuning-strategies/load.h"

namespace {

using heapwise::bench::Lesson;
using heapwise::bench::Variant;
using heapwise::runtime::CollectionLog;

WatchedClock watched_clock;

// The load of the benchmark that runs; each starts a new one. One of the two.
std::unique_ptr<OpenLoop> open_loop;
std::unique_ptr<ClosedLoop> closed_loop;
uint64_t first_collection = 0;

const std::vector<int64_t>& Latencies() {
  return open_loop ? open_loop->latencies_ns() : closed_loop->latencies_ns();
}

double Percentile(double fraction) {
  const std::vector<double> ns(Latencies().begin(), Latencies().end());
  return heapwise::stats::NearestRank(ns, fraction).value_or(0);
}

// How many times as large as the smallest the largest heap goal was, to two decimals; 0 without collections.
double GoalGrowth() {
  uint64_t least = std::numeric_limits<uint64_t>::max();
  uint64_t greatest = 0;
  for (const auto& collection : CollectionLog::Since(first_collection).collections) {
    if (collection.forced) continue;
    least = std::min(least, collection.goal_bytes);
    greatest = std::max(greatest, collection.goal_bytes);
  }
  if (greatest == 0) return 0;
  return std::round(100 * static_cast<double>(greatest) / static_cast<double>(least)) / 100;
}

void Measure(Variant& variant) {
  variant.Operations(kRequests)
      .Report("late_requests", [] { return CountLate(Latencies(), kTargetNs); })
      .Report("request_p50_ns", [] { return Percentile(0.5); })
      .Report("request_p99_ns", [] { return Percentile(0.99); })
      .Report("request_p999_ns", [] { return Percentile(0.999); })
      .Report("request_max_ns", [] { return Percentile(1); })
      .Report("rush_collections", RushCollections)
      .Report("goal_growth", GoalGrowth)
      .Report("peak_percent_of_limit", [] {
        return std::ceil(100 * static_cast<double>(PeakMemory()) /
                         static_cast<double>(kLimitBytes));
      });
}

using StartService = void (*)();

// The first day is not measured: it fetches the memory that the service will need from the system, which costs as much
// under every setting and takes very long on some machines.
void ServeTheFirstDay(StartService start_service) {
  start_service();
  for (int64_t i = 0; i < kRequests; ++i) HandleRequest();
  first_collection = CollectionLog::Next();
}

// Requests that are due at a fixed rate: the users of a service.
void NextOfOpenLoop() { open_loop->Next(HandleRequest); }
std::function<void()> OpenDay(StartService start_service) {
  return [start_service] {
    ServeTheFirstDay(start_service);
    closed_loop.reset();
    open_loop = std::make_unique<OpenLoop>(watched_clock, kIntervalNs, kRequests);
  };
}

// One request after the other: a batch.
void NextOfClosedLoop() { closed_loop->Next(HandleRequest); }
std::function<void()> ClosedDay(StartService start_service) {
  return [start_service] {
    ServeTheFirstDay(start_service);
    open_loop.reset();
    closed_loop = std::make_unique<ClosedLoop>(watched_clock, kRequests);
  };
}

}  // namespace

void RegisterLesson(Lesson& lesson) {
  lesson.OneProcessEach();
  Measure(lesson.Slow(NextOfOpenLoop).Setup(OpenDay(slow::StartService)));
  Measure(lesson.Fast(NextOfOpenLoop).Setup(OpenDay(fast::StartService)));
  Measure(lesson.Add("default", NextOfOpenLoop).Setup(OpenDay(strategies::StartDefault)));
  Measure(lesson.Add("limit", NextOfOpenLoop).Setup(OpenDay(strategies::StartWithLimit)));

  Measure(lesson.Add("batch_50", NextOfClosedLoop).Setup(ClosedDay(slow::StartService)));
  Measure(lesson.Add("batch_200", NextOfClosedLoop).Setup(ClosedDay(fast::StartService)));
  Measure(lesson.Add("batch_default", NextOfClosedLoop).Setup(ClosedDay(strategies::StartDefault)));
  Measure(lesson.Add("batch_limit", NextOfClosedLoop).Setup(ClosedDay(strategies::StartWithLimit)));
}
