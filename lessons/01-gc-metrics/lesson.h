// Lesson 01: what the collector tells about itself. A service shows its memory statistics on a
// dashboard. It can read all of them at every request, or now and then, or only the counters that
// stop nothing.
#ifndef HEAPWISE_LESSONS_01_GC_METRICS_LESSON_H_
#define HEAPWISE_LESSONS_01_GC_METRICS_LESSON_H_

#include <cstdint>

#include "heapwise/mem_stats.h"
#include "lessons/01-gc-metrics/workload.h"

// Handle answers request number `request` (0 is the first) and keeps the dashboard up to date.
namespace slow {  // full statistics at every request
uint64_t Handle(uint64_t request, Dashboard& dashboard);
}
namespace fast {  // full statistics at one request in a thousand
uint64_t Handle(uint64_t request, Dashboard& dashboard);
}
namespace counters {  // at every request, but only what can be read without a stop
uint64_t Handle(uint64_t request, Dashboard& dashboard);
}

// The exercise: what a dashboard draws is how fast the totals rise.
namespace exercise {

struct Rates {
  double allocated_bytes_per_second = 0;
  double collections_per_second = 0;
  double mean_pause_ns = 0;       // of the collections between the two readings; 0 without any
  uint64_t longest_pause_ns = 0;  // of those among them that PauseNs still holds; 0 without any
  uint32_t pauses_lost = 0;       // of those among them, how many PauseNs holds no more
};

// What happened between two readings of one process that were taken `seconds` (more than 0) apart.
Rates RatesBetween(const heapwise::runtime::MemStats& before,
                   const heapwise::runtime::MemStats& after, double seconds);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_01_GC_METRICS_LESSON_H_
