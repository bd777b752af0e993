#include "heapwise/base/clock.h"

#include <sched.h>
#include <time.h>

namespace heapwise::runtime {
namespace {

uint64_t Nanos(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000 + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace

uint64_t MonotonicNanos() { return Nanos(CLOCK_MONOTONIC); }
uint64_t UnixNanos() { return Nanos(CLOCK_REALTIME); }

uint64_t ProcessStartNanos() {
  static const uint64_t start = MonotonicNanos();
  return start;
}

double SecondsSinceStart() {
  const uint64_t start = ProcessStartNanos();
  return static_cast<double>(MonotonicNanos() - start) * 1e-9;
}

int Processors() {
  static const int count = [] {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  }();
  return count;
}

}  // namespace heapwise::runtime
