#include "lessons/15-tuning-strategies/load.h"

#include <algorithm>

#include "heapwise/base/clock.h"

int64_t WatchedClock::Now() { return static_cast<int64_t>(heapwise::runtime::MonotonicNanos()); }

void WatchedClock::WaitUntil(int64_t ns) {
  while (Now() < ns) {
  }
}

int64_t CountLate(std::span<const int64_t> latencies_ns, int64_t target_ns) {
  return std::count_if(latencies_ns.begin(), latencies_ns.end(),
                       [target_ns](int64_t latency_ns) { return latency_ns > target_ns; });
}
