#include "benchmarks/harness/measurement.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmarks/harness/counters.h"
#include "heapwise/base/clock.h"
#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"

namespace heapwise::bench {
namespace {

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
  AddAllocations(allocations_, state_.counters);
  if (state_.thread_index() != 0) return;
  const runtime::CollectionLog::Slice log = runtime::CollectionLog::Since(collections_before_);
  // The constructor collected, so there is a last collection even where the loop had none.
  const auto last = runtime::CollectionLog::Since(runtime::CollectionLog::Next() - 1).collections;
  AddCollections({.log = log,
                  .wall_ns = wall_ns_,
                  .gc_cpu_ns = gc_cpu_ns_,
                  .processors = runtime::Processors(),
                  .peak_heap_bytes = peak_heap_bytes_,
                  .live_heap_bytes = last.back().heap_after_bytes},
                 state_.counters);
  if (latencies_) AddLatencies(latencies_->ns(), state_.counters);
  AppendToTimeline(name_, log.collections);
}

}  // namespace heapwise::bench
