#include "benchmarks/stats/wilson.h"

#include <algorithm>
#include <cmath>

#include "benchmarks/stats/constants.h"

namespace heapwise::stats {

std::optional<Interval> WilsonInterval(std::size_t successes, std::size_t trials) {
  if (trials == 0 || successes > trials) return std::nullopt;
  const double n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double z2 = kNormalQuantile * kNormalQuantile;
  const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half =
      kNormalQuantile / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  // At none and at all one end is the share itself; rounding must not put it on the wrong side.
  return Interval{share, std::clamp(centre - half, 0.0, share),
                  std::clamp(centre + half, share, 1.0)};
}

}  // namespace heapwise::stats
