#include "benchmarks/stats/control.h"

#include <algorithm>

namespace heapwise::stats {

double MinDetectable(const Interval& control_ratio) {
  return std::max(control_ratio.high, 1 / control_ratio.low) - 1;
}

Interval Widened(const Interval& ratio, const Interval& control_ratio) {
  const double factor = 1 + MinDetectable(control_ratio);
  return {ratio.estimate, ratio.low / factor, ratio.high * factor};
}

bool Trusted(const Interval& control_ratio) {
  return control_ratio.low <= 1 && 1 <= control_ratio.high;
}

}  // namespace heapwise::stats
