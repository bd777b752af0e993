#include "benchmarks/harness/measurement.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/stats/quantile.h"
#include "heapwise/base/clock.h"
#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"

namespace heapwise::bench {
namespace {

using benchmark::Counter;

std::string& TimelineFile() {
  static std::string path;
  return path;
}

[[noreturn]] void FailOnTimeline(const std::string& path) {
  std::fprintf(stderr, "--heapwise_timeline=%s: %s\n", path.c_str(), std::strerror(errno));
  std::exit(2);
}

void AppendToTimeline(const std::string& benchmark,
                      const std::vector<runtime::Collection>& collections) {
  const std::string& path = TimelineFile();
  if (path.empty()) return;
  std::FILE* file = std::fopen(path.c_str(), "a");
  if (file == nullptr) FailOnTimeline(path);
  const int64_t limit = debug::SetMemoryLimit(-1);
  const std::string limit_field =
      limit == std::numeric_limits<int64_t>::max() ? "" : absl::StrCat(",\"limit_bytes\":", limit);
  for (const runtime::Collection& c : collections) {
    const std::string line = absl::StrFormat(
        "{\"benchmark\":\"%s\",\"t_s\":%.9f,\"n\":%d,\"kind\":\"%s\",\"forced\":%s,"
        "\"heap_before_bytes\":%d,\"heap_after_bytes\":%d,\"goal_bytes\":%d,\"pause_ns\":%d,"
        "\"max_pause_ns\":%d,\"mark_ns\":%d,\"sweep_ns\":%d%s}\n",
        benchmark, c.start_s, c.n, c.kind, c.forced ? "true" : "false", c.heap_before_bytes,
        c.heap_after_bytes, c.goal_bytes, c.pause_ns, c.max_pause_ns, c.mark_ns, c.sweep_ns,
        limit_field);
    std::fputs(line.c_str(), file);
  }
  const bool written = std::ferror(file) == 0;
  if (std::fclose(file) != 0 || !written) FailOnTimeline(path);
}

// The mean over the collections of what `ns_of` says of each; 0 without collections.
template <class NsOf>
double MeanNs(const std::vector<runtime::Collection>& collections, const NsOf& ns_of) {
  if (collections.empty()) return 0;
  double sum = 0;
  for (const runtime::Collection& c : collections) sum += static_cast<double>(ns_of(c));
  return sum / static_cast<double>(collections.size());
}

// Sets pause_mean_ns and the phase_*_ns, in the order in which a collection goes through them.
void ReportMeans(benchmark::UserCounters& counters,
                 const std::vector<runtime::Collection>& collections) {
  using runtime::Collection;
  const auto mean = [&](const auto& ns_of) { return MeanNs(collections, ns_of); };
  counters["pause_mean_ns"] = mean([](const Collection& c) { return c.max_pause_ns; });
  counters["phase_concurrent_mark_ns"] =
      mean([](const Collection& c) { return c.concurrent_mark_ns; });
  counters["phase_stop_ns"] = mean([](const Collection& c) { return c.stop_ns; });
  counters["phase_mark_ns"] = mean([](const Collection& c) { return c.mark_ns; });
  counters["phase_restart_ns"] =
      mean([](const Collection& c) { return c.pause_ns - c.stop_ns - c.mark_ns; });
  counters["phase_sweep_ns"] = mean([](const Collection& c) { return c.sweep_ns; });
}

// Sets PREFIX_p50_ns, p99, p999 where asked for, and max; 0 where there is no value.
void ReportDistribution(benchmark::UserCounters& counters, const std::string& prefix,
                        const std::vector<double>& ns, bool with_p999) {
  const auto quantile = [&ns](double q) { return stats::NearestRank(ns, q).value_or(0); };
  counters[prefix + "_p50_ns"] = quantile(0.50);
  counters[prefix + "_p99_ns"] = quantile(0.99);
  if (with_p999) counters[prefix + "_p999_ns"] = quantile(0.999);
  counters[prefix + "_max_ns"] = quantile(1.0);
}

}  // namespace

void SetTimelineFile(std::string path) { TimelineFile() = std::move(path); }

Measurement::Measurement(std::string name, benchmark::State& state, bool record_latency)
    : name_(std::move(name)), state_(state) {
  if (record_latency) latencies_ = std::make_unique<LatencyLog>(state.max_iterations);
  if (state.thread_index() == 0) runtime::GC();
}

void Measurement::Start() {
  if (state_.thread_index() == 0) {
    runtime::ResetPeakHeap();
    collections_before_ = runtime::CollectionLog::Next();
    gc_cpu_before_ns_ = runtime::GcCpuNanos();
    start_ns_ = runtime::MonotonicNanos();
  }
  allocations_ = ThreadAllocations();
}

void Measurement::Stop() {
  allocations_ = ThreadAllocations() - allocations_;
  if (state_.thread_index() == 0) {
    wall_ns_ = runtime::MonotonicNanos() - start_ns_;
    gc_cpu_ns_ = runtime::GcCpuNanos() - gc_cpu_before_ns_;
    peak_heap_bytes_ = runtime::PeakHeapBytes();
  }
}

void Measurement::Report() {
  benchmark::UserCounters& counters = state_.counters;
  // kAvgIterations: Google Benchmark adds the threads' values up and divides by the operations of all.
  const auto per_op = [](uint64_t count) {
    return Counter(static_cast<double>(count), Counter::kAvgIterations);
  };
  counters["allocs_per_op"] = per_op(allocations_.allocs());
  counters["bytes_per_op"] = per_op(allocations_.bytes());
  counters["new_allocs_per_op"] = per_op(allocations_.new_allocs);
  counters["new_bytes_per_op"] = per_op(allocations_.new_bytes);
  counters["gc_allocs_per_op"] = per_op(allocations_.gc_allocs);
  counters["gc_bytes_per_op"] = per_op(allocations_.gc_bytes);
  if (state_.thread_index() != 0) return;

  const runtime::CollectionLog::Slice log = runtime::CollectionLog::Since(collections_before_);
  std::vector<double> pauses;
  double pause_total_ns = 0;
  for (const runtime::Collection& c : log.collections) {
    pauses.push_back(static_cast<double>(c.max_pause_ns));
    pause_total_ns += static_cast<double>(c.pause_ns);
  }
  const double collections = static_cast<double>(log.collections.size() + log.lost);
  counters["collections"] = collections;
  counters["collections_per_1000_ops"] = Counter(collections * 1000, Counter::kAvgIterations);
  counters["pause_total_ns"] = pause_total_ns;
  ReportDistribution(counters, "pause", pauses, /*with_p999=*/false);
  ReportMeans(counters, log.collections);
  counters["gc_cpu_fraction"] =
      wall_ns_ == 0 ? 0.0
                    : std::min(1.0, static_cast<double>(gc_cpu_ns_) /
                                        (static_cast<double>(wall_ns_) * runtime::Processors()));
  counters["peak_heap_bytes"] = static_cast<double>(peak_heap_bytes_);
  // The constructor collected, so there is a last collection even where the loop had none.
  const auto last = runtime::CollectionLog::Since(runtime::CollectionLog::Next() - 1).collections;
  counters["live_heap_bytes"] = static_cast<double>(last.back().heap_after_bytes);
  if (latencies_) ReportDistribution(counters, "request", latencies_->ns(), /*with_p999=*/true);
  AppendToTimeline(name_, log.collections);
}

}  // namespace heapwise::bench
