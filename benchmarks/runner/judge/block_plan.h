// How many blocks a lesson is given: the pilot, whatever it costs; then as many as the intervals of its timing ratios need
// to become narrow (stats/stop_rule.h), no more than the budget pays for. Decided once, after the pilot, so that no
// lesson stops because it happens to look good. Pure.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_JUDGE_BLOCK_PLAN_H_
#define HEAPWISE_BENCHMARKS_RUNNER_JUDGE_BLOCK_PLAN_H_

#include <functional>
#include <optional>
#include <vector>

#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/judge/analysis.h"

namespace heapwise::runner {

// How far a lesson is.
struct BlocksSoFar {
  int done = 0;        // blocks that there are
  int here = 0;        // of these, measured by this process: the others are a resumed run's
  double seconds = 0;  // that these took
};

class BlockPlan {
 public:
  explicit BlockPlan(const Settings& settings)
      : settings_(settings), planned_(settings.min_blocks) {}

  // Whether to measure another block. `pilot_ratios` are the timing ratios of the first min_blocks blocks; they are
  // asked for once. The budget is looked at before each block: a machine may slow down after the pilot.
  bool Another(const BlocksSoFar& so_far,
               const std::function<std::vector<TimingRatio>()>& pilot_ratios);

  // The number of blocks as known now.
  int planned() const { return planned_; }

 private:
  int Needed(const std::vector<TimingRatio>& ratios) const;

  Settings settings_;
  int planned_;
  std::optional<int> needed_;
  bool decided_ = false;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_JUDGE_BLOCK_PLAN_H_
