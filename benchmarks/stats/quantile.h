// Quantiles and outliers of one sample. No value is ever dropped.
//
// All functions take the values in any order and leave them alone. Pure; safe from any thread. The
// definitions' names and numbers: Hyndman, Fan (1996), Sample quantiles in statistical packages,
// The American Statistician 50(4).
#ifndef HEAPWISE_BENCHMARKS_STATS_QUANTILE_H_
#define HEAPWISE_BENCHMARKS_STATS_QUANTILE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace heapwise::stats {

// The nearest-rank quantile (Hyndman and Fan's type 1), for latencies and pauses: the smallest
// value such that at least the share `q` of all values is no greater. Always a value that was
// measured; q = 1 is the maximum, and so is every q above 1 - 1/n. No value where `values` is
// empty, one is not finite, or q is outside [0, 1].
std::optional<double> NearestRank(std::span<const double> values, double q);

// The interpolated quantile (type 7, the default of R and NumPy), for descriptions such as
// quartiles. No value in the same cases.
std::optional<double> Quantile(std::span<const double> values, double q);

// The indices, ascending, of the values outside Tukey's fences: more than kOutlierFence
// interquartile ranges (type 7) below the first or above the third quartile. For flagging, not for
// removal. A value that is not finite is always flagged; the fences come from the others.
std::vector<std::size_t> Outliers(std::span<const double> values);

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_QUANTILE_H_
