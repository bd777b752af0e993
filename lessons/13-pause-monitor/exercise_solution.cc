#include <algorithm>
#include <bit>

#include "lessons/13-pause-monitor/lesson.h"

namespace exercise {
namespace {

constexpr uint32_t kRing = 256;  // pauses that MemStats keeps

}  // namespace

void PauseHistogram::Add(const MemStats& stats) {
  const uint32_t fresh = stats.NumGC - seen_;
  const uint32_t kept = std::min(fresh, kRing);
  for (uint32_t i = 0; i < kept; ++i) {
    ++buckets_[std::bit_width(stats.PauseNs[(stats.NumGC - 1 - i) % kRing])];
  }
  missed_ += fresh - kept;
  seen_ = stats.NumGC;
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
