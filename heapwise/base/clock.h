#ifndef HEAPWISE_BASE_CLOCK_H_
#define HEAPWISE_BASE_CLOCK_H_

#include <cstdint>

namespace heapwise::runtime {

// Nanoseconds of CLOCK_MONOTONIC. Any thread; never allocates.
uint64_t MonotonicNanos();

// Nanoseconds since 1970 (CLOCK_REALTIME), as Go's MemStats.LastGC counts.
uint64_t UnixNanos();

// CLOCK_MONOTONIC at the start of the process, in nanoseconds: the zero of every `start_s` of this
// library. It is the first call, which the collector makes before main, a few milliseconds after
// exec.
uint64_t ProcessStartNanos();

// Seconds since ProcessStartNanos().
double SecondsSinceStart();

// Processors that this process may run on (sched_getaffinity): what Go calls GOMAXPROCS.
int Processors();

}  // namespace heapwise::runtime

#endif  // HEAPWISE_BASE_CLOCK_H_
