#include <algorithm>

#include "lessons/01-gc-metrics/lesson.h"

namespace exercise {

Rates RatesBetween(const heapwise::runtime::MemStats& before,
                   const heapwise::runtime::MemStats& after, double seconds) {
  constexpr uint32_t kRing = 256;
  // Unsigned subtraction is right even when NumGC has passed 2^32 in between.
  const uint32_t collections = after.NumGC - before.NumGC;
  const uint32_t held = std::min(collections, kRing);

  Rates rates;
  rates.allocated_bytes_per_second =
      static_cast<double>(after.TotalAlloc - before.TotalAlloc) / seconds;
  rates.collections_per_second = collections / seconds;
  if (collections > 0) {
    rates.mean_pause_ns =
        static_cast<double>(after.PauseTotalNs - before.PauseTotalNs) / collections;
  }
  for (uint32_t back = 0; back < held; ++back) {
    const uint64_t pause_ns = after.PauseNs[(after.NumGC - back + 255) % kRing];
    rates.longest_pause_ns = std::max(rates.longest_pause_ns, pause_ns);
  }
  rates.pauses_lost = collections - held;
  return rates;
}

}  // namespace exercise
