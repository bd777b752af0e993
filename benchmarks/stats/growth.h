// How a cost grows with size: the exponent b of y = a * x^b, as the slope of log y on log x.
//
// The slope is Theil and Sen's, the median of the slopes between all pairs of points with different
// x: one wild point of five or more does not carry it away. Sen (1968), Estimates of the regression
// coefficient based on Kendall's tau, JASA 63(324). Pure functions; safe from any thread.
#ifndef HEAPWISE_BENCHMARKS_STATS_GROWTH_H_
#define HEAPWISE_BENCHMARKS_STATS_GROWTH_H_

#include <optional>
#include <span>
#include <vector>

#include "benchmarks/stats/interval.h"

namespace heapwise::stats {

// The exponent of one curve, y[i] measured at size x[i]. 0 = constant, 1 = linear, 2 = quadratic.
// No value where the two differ in length, fewer than two different sizes are given, or a number is
// not finite and greater than zero.
std::optional<double> GrowthExponent(std::span<const double> x, std::span<const double> y);

// The exponent with its 95 % interval over blocks: GrowthExponent() of each block's own curve,
// y_by_block[block][i] measured at size x[i], then HodgesLehmann() over the blocks. The points of a
// block share its process, so a block is one observation, not x.size() of them. No value where
// either has none.
std::optional<Interval> GrowthExponentInterval(std::span<const double> x,
                                               std::span<const std::vector<double>> y_by_block);

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_GROWTH_H_
