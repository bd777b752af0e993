// What the harness counts around one benchmark's loop. Used by lesson.h; lessons do not call it.
#ifndef HEAPWISE_BENCHMARKS_HARNESS_MEASUREMENT_H_
#define HEAPWISE_BENCHMARKS_HARNESS_MEASUREMENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmarks/harness/alloc_counter.h"

namespace heapwise::bench {

// The time of each operation of one loop, in memory set aside beforehand.
class LatencyLog {
 public:
  explicit LatencyLog(int64_t operations) { ns_.reserve(operations); }
  void Add(uint64_t ns) { ns_.push_back(static_cast<double>(ns)); }
  const std::vector<double>& ns() const { return ns_; }

 private:
  std::vector<double> ns_;
};

// Counts from Start to Stop on the calling thread; Report turns it into Google Benchmark counters.
// With several threads each has a Measurement of its own: allocations add up over the threads, and what
// belongs to the process (collections, pauses, heap) is reported by the first thread alone.
class Measurement {
 public:
  // Collects garbage first, as Go's testing.B does before each run, so that no benchmark pays for
  // what the one before it left behind.
  Measurement(std::string name, benchmark::State& state, bool record_latency);

  LatencyLog* latencies() { return latencies_.get(); }

  void Start();
  void Stop();

  // Sets state.counters, and appends the loop's collections to the timeline file where there is one.
  void Report();

 private:
  std::string name_;
  benchmark::State& state_;
  std::unique_ptr<LatencyLog> latencies_;
  Allocations allocations_;
  uint64_t start_ns_ = 0;
  uint64_t wall_ns_ = 0;
  uint64_t collections_before_ = 0;
  uint64_t gc_cpu_before_ns_ = 0;
  uint64_t gc_cpu_ns_ = 0;
  uint64_t peak_heap_bytes_ = 0;
};

// Where the GC timeline goes (JSON Lines, docs/FORMAT.md); empty: nowhere. Set once, before anything runs.
void SetTimelineFile(std::string path);

}  // namespace heapwise::bench

#endif  // HEAPWISE_BENCHMARKS_HARNESS_MEASUREMENT_H_
