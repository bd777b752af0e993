#include "benchmarks/stats/stop_rule.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/hodges_lehmann.h"

namespace heapwise::stats {

int BlocksNeeded(std::span<const double> pilot_log_ratios, double half_width, int max_blocks) {
  const int pilot = static_cast<int>(pilot_log_ratios.size());
  const int at_least = std::max(pilot, std::min(static_cast<int>(kMinBlocks), max_blocks));
  const int at_most = std::max(pilot, max_blocks);
  const std::optional<Interval> interval = HodgesLehmann(pilot_log_ratios);
  if (!interval) return at_most;
  // An interval narrows with the square root of the number of blocks.
  const double excess = (interval->high - interval->low) / 2 / half_width;
  const double needed = std::ceil(kPilotMargin * pilot * excess * excess);
  if (!(needed < at_most)) return at_most;
  return std::max(at_least, static_cast<int>(needed));
}

}  // namespace heapwise::stats
