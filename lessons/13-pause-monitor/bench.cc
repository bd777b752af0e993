#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "benchmarks/harness/lesson.h"
#include "heapwise/base/clock.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/modes.h"
#include "lessons/13-pause-monitor/lesson.h"

namespace {

namespace runtime = heapwise::runtime;

// A run of the service with a monitor on it, and what the monitor said.
class Watch {
 public:
  using Monitor = Report (*)(const MemStats& stats, uint32_t seen);

  Watch() = default;
  explicit Watch(Monitor monitor) : monitor_(monitor) {}

  Report Look() {
    const uint64_t start_ns = runtime::MonotonicNanos();
    MemStats stats;
    runtime::ReadMemStats(&stats);
    const Report report = monitor_(stats, seen_);
    look_ns_.push_back(runtime::MonotonicNanos() - start_ns);
    seen_ = stats.NumGC;
    missed_ += report.missed;
    largest_shown_ns_ = std::max(largest_shown_ns_, report.pause_ns);
    if (report.alert) ++alerts_;
    return report;
  }

  void Minute() {
    late_requests_ += ServeMinute(++minute_);
    Look();
  }

  int alerts() const { return alerts_; }
  int late_requests() const { return late_requests_; }
  uint64_t missed() const { return missed_; }
  double largest_shown_ms() const { return static_cast<double>(largest_shown_ns_) / 1e6; }

  // How many times as long as the largest number shown the longest pause was: 1 for a monitor that hides nothing.
  double LongestOverShown() const {
    uint64_t longest_ns = 0;
    for (const runtime::Collection& c : runtime::CollectionLog::Since(first_).collections) {
      longest_ns = std::max(longest_ns, c.pause_ns);
    }
    return static_cast<double>(longest_ns) / static_cast<double>(largest_shown_ns_);
  }

  double MedianLookUs() {
    const auto middle = look_ns_.begin() + look_ns_.size() / 2;
    std::nth_element(look_ns_.begin(), middle, look_ns_.end());
    return std::round(static_cast<double>(*middle) / 100) / 10;
  }

 private:
  Monitor monitor_ = nullptr;
  uint64_t first_ = runtime::CollectionLog::Next();  // the first collection watched
  int minute_ = 0;
  uint32_t seen_ = 0;
  int alerts_ = 0;
  int late_requests_ = 0;
  uint64_t missed_ = 0;
  uint64_t largest_shown_ns_ = 0;
  std::vector<uint64_t> look_ns_;
};

Watch watch;  // of the benchmark that runs; each starts a new one

// What every variant that serves the ten minutes reports.
heapwise::bench::Variant& Reporting(heapwise::bench::Variant& variant) {
  return variant.Operations(kMinutes)
      .Report("alerts", [] { return watch.alerts(); })
      .Report("pause_shown_ms", [] { return watch.largest_shown_ms(); })
      .Report("longest_over_shown", [] { return watch.LongestOverShown(); })
      .Report("pauses_missed", [] { return watch.missed(); })
      .Report("requests_over_10ms", [] { return watch.late_requests(); })
      .Report("look_us", [] { return watch.MedianLookUs(); });
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.OneProcessEach();
  const auto minute = [] { watch.Minute(); };

  Reporting(lesson.Slow(minute)).Setup([] { watch = Watch(slow::Look); });

  // The first look comes before the first collection: the harness collects after the setup.
  static Report first_look;
  Reporting(lesson.Fast(minute))
      .Setup([] {
        watch = Watch(fast::Look);
        first_look = watch.Look();
      })
      .Report("pauses_at_first_look", [] { return first_look.pauses; });

  Reporting(lesson.Add("incremental", minute)).Setup([] {
    runtime::EnableIncremental(std::chrono::milliseconds(3));
    watch = Watch(fast::Look);
  });

  // One look, then 300 collections, then the next look.
  lesson
      .Add("late",
           [] {
             watch.Look();
             for (int i = 0; i < 300; ++i) runtime::GC();
             watch.Look();
           })
      .Setup([] { watch = Watch(fast::Look); })
      .Operations(1)
      .Report("pauses_missed", [] { return watch.missed(); });
}
