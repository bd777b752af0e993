// The service of this lesson: requests that leave a little garbage, a dashboard, and other threads
// that do nothing but wait, as most threads of a server do at most times.
#ifndef HEAPWISE_LESSONS_01_GC_METRICS_WORKLOAD_H_
#define HEAPWISE_LESSONS_01_GC_METRICS_WORKLOAD_H_

#include <cstdint>

#include "heapwise/mem_stats.h"

// What an operator watches. Sizes are bytes.
struct Dashboard {
  uint64_t readings = 0;  // how often it was brought up to date
  uint64_t heap_alloc = 0;
  uint64_t total_alloc = 0;
  uint64_t num_gc = 0;
  uint64_t pause_total_ns = 0;

  void Show(const heapwise::runtime::MemStats& stats);
  void Show(const heapwise::runtime::HeapCounters& counters);
};

inline constexpr uint64_t kOrderLines = 64;  // objects of 32 bytes that a request allocates

// The work of one request: writes an order of kOrderLines lines on the collected heap and adds it
// up. Line i costs request + i.
uint64_t Answer(uint64_t request);

// Makes it so that `count` other threads wait on a condition variable, each registered with the
// collector. Returns when they all wait. Called by one thread.
void KeepOtherThreads(int count);

#endif  // HEAPWISE_LESSONS_01_GC_METRICS_WORKLOAD_H_
