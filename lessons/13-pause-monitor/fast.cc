#include <algorithm>

#include "lessons/13-pause-monitor/lesson.h"

namespace fast {
namespace {

constexpr uint32_t kRing = 256;  // pauses that MemStats keeps

}  // namespace

Report Look(const MemStats& stats, uint32_t seen) {
  const uint32_t fresh = stats.NumGC - seen;
  const uint32_t kept = std::min(fresh, kRing);
  if (kept == 0) return {};  // nothing new; before the first collection, nothing at all

  std::array<uint64_t, kRing> pauses;
  for (uint32_t i = 0; i < kept; ++i) pauses[i] = stats.PauseNs[(stats.NumGC - 1 - i) % kRing];
  std::sort(pauses.begin(), pauses.begin() + kept);

  const uint32_t rank99 = (kept * 99 + 99) / 100;  // nearest rank: 99 of 100, but 20 of 20
  const uint64_t longest_ns = pauses[kept - 1];
  return {.pauses = kept,
          .missed = fresh - kept,
          .p99_ns = pauses[rank99 - 1],
          .pause_ns = longest_ns,
          .alert = longest_ns > kTargetNs};
}

}  // namespace fast
