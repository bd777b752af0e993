// Exercise: turn two readings of MemStats into what a dashboard draws.
//
// As it stands it makes the mistake of many dashboards: it divides what has added up since the
// process started. Such a line hardly moves, whatever happens now. And before the first collection
// it divides by zero.
//
// Done when `make check LESSON=01` passes:
//   - rates and the mean pause are of the time between the two readings, and of nothing before;
//   - the longest pause is one of a collection in between, found in the ring PauseNs;
//   - no collection in between, or more of them than the ring holds, gives a right answer too.
//
// Hint: collection number n left its pause at PauseNs[(n + 255) % 256].
#include <algorithm>

#include "lessons/01-gc-metrics/lesson.h"

namespace exercise {

Rates RatesBetween(const heapwise::runtime::MemStats& /*before*/,
                   const heapwise::runtime::MemStats& after, double seconds) {
  Rates rates;
  rates.allocated_bytes_per_second = static_cast<double>(after.TotalAlloc) / seconds;
  rates.collections_per_second = after.NumGC / seconds;
  rates.mean_pause_ns = static_cast<double>(after.PauseTotalNs) / after.NumGC;
  rates.longest_pause_ns = *std::max_element(after.PauseNs, after.PauseNs + 256);
  return rates;
}

}  // namespace exercise
