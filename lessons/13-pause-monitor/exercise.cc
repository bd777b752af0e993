// Exercise: a monitor that knows every pause of the process, so that it can give percentiles over hours.
//
// It looks again and again, and each time it adds what the ring holds. As it stands it adds all 256 entries
// at every look: entries that were never written, and pauses that it has added before.
//
// Done when `make check LESSON=13` passes:
//   - before the first collection there is no pause;
//   - however often it looks, each pause is counted once;
//   - pauses that were overwritten before it looked are counted as missed.
//
// Hint: how many collections are new since the call before, and how many of these can the ring still hold?
#include <bit>

#include "lessons/13-pause-monitor/lesson.h"

namespace exercise {

void PauseHistogram::Add(const MemStats& stats) {
  for (const uint64_t pause_ns : stats.PauseNs) ++buckets_[std::bit_width(pause_ns)];
}

uint64_t PauseHistogram::count() const {
  uint64_t count = 0;
  for (const uint64_t pauses : buckets_) count += pauses;
  return count;
}

uint64_t PauseHistogram::Percentile(int percent) const {
  const uint64_t rank = (count() * percent + 99) / 100;
  if (rank == 0) return 0;
  size_t bucket = 0;
  for (uint64_t below = buckets_[0]; below < rank; below += buckets_[bucket]) ++bucket;
  return uint64_t{1} << bucket;
}

}  // namespace exercise
