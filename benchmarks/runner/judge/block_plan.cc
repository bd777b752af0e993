#include "benchmarks/runner/judge/block_plan.h"

#include <algorithm>

#include "benchmarks/stats/stop_rule.h"

namespace heapwise::runner {

bool BlockPlan::Another(const BlocksSoFar& so_far,
                        const std::function<std::vector<TimingRatio>()>& pilot_ratios) {
  if (so_far.done < settings_.min_blocks) return true;
  if (!needed_) needed_ = Needed(pilot_ratios());
  if (!decided_ && *needed_ > so_far.done && so_far.here == 0) {
    // A resumed lesson: what a block takes is known after the next one.
    planned_ = so_far.done + 1;
    return true;
  }
  const double per_block = so_far.here > 0 ? so_far.seconds / so_far.here : 0;
  if (!decided_) {
    const int affordable = static_cast<int>(
        std::min<double>(settings_.max_blocks, settings_.budget_seconds / per_block));
    planned_ = std::max(so_far.done, std::min(*needed_, affordable));
    decided_ = true;
  }
  const bool in_time = per_block * (so_far.here + 1) <= settings_.budget_seconds;
  if (so_far.done < planned_ && in_time) return true;
  planned_ = so_far.done;
  return false;
}

int BlockPlan::Needed(const std::vector<TimingRatio>& ratios) const {
  int needed = settings_.min_blocks;
  for (const TimingRatio& ratio : ratios) {
    // What a claim allows decides how closely it has to be known.
    const double half_width = settings_.half_width * ratio.threshold / settings_.threshold;
    needed = std::max(needed, stats::BlocksNeeded(ratio.logs, half_width, settings_.max_blocks));
  }
  return std::min(needed, settings_.max_blocks);
}

}  // namespace heapwise::runner
