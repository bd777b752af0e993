// From what was counted around a loop to what Google Benchmark reports of it; each name is in the table of measures
// (docs/FORMAT.md). Pure.
#ifndef HEAPWISE_BENCHMARKS_HARNESS_COUNTERS_H_
#define HEAPWISE_BENCHMARKS_HARNESS_COUNTERS_H_

#include <array>
#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmarks/harness/alloc_counter.h"
#include "heapwise/gc/gc_events.h"

namespace heapwise::bench {

// What is reported of latencies, where they are recorded.
inline constexpr std::array<const char*, 4> kLatencyCounters = {
    "request_p50_ns", "request_p99_ns", "request_p999_ns", "request_max_ns"};

// What one thread allocated, for each operation. Google Benchmark adds the threads up.
void AddAllocations(const Allocations& allocations, benchmark::UserCounters& counters);

// What the process did meanwhile.
struct ProcessCounts {
  runtime::CollectionSlice log = {};  // the loop's collections
  uint64_t wall_ns = 0;               // how long the loop took
  uint64_t gc_cpu_ns = 0;             // CPU time of the collector in it, of all threads
  int processors = 1;
  uint64_t peak_heap_bytes = 0;
  uint64_t live_heap_bytes = 0;
};

// Collections, pauses, phases and the heap. Without collections pauses and phases are 0. gc_cpu_fraction is the share
// of all processors' time, at most 1.
void AddCollections(const ProcessCounts& counts, benchmark::UserCounters& counters);

// The nearest ranks of the times of single operations; 0 where there are none.
void AddLatencies(const std::vector<double>& ns, benchmark::UserCounters& counters);

}  // namespace heapwise::bench

#endif  // HEAPWISE_BENCHMARKS_HARNESS_COUNTERS_H_
