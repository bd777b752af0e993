#include "benchmarks/stats/control.h"

#include <algorithm>

namespace heapwise::stats {

double MinDetectable(const Interval& control_ratio) {
  return std::max(control_ratio.high, 1 / control_ratio.low) - 1;
}

bool Trusted(const Interval& control_ratio) {
  return control_ratio.low <= 1 && 1 <= control_ratio.high;
}

}  // namespace heapwise::stats
