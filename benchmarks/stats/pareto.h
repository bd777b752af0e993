// The Pareto front of measured trade-offs, such as memory (x) against throughput (y).
#ifndef HEAPWISE_BENCHMARKS_STATS_PARETO_H_
#define HEAPWISE_BENCHMARKS_STATS_PARETO_H_

#include <cstddef>
#include <span>
#include <vector>

namespace heapwise::stats {

struct Point {
  double x;
  double y;
};

enum class Better { kLess, kMore };

// The indices of the points that no other point beats: none is at least as good in both x and y and
// better in one. Less x is always better; `y` says which y is. Ascending by x, equal points by
// index. A point with a NaN is never on the front and beats nothing; infinities are compared like
// other numbers. Pure; safe from any thread.
std::vector<std::size_t> ParetoFront(std::span<const Point> points, Better y);

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_PARETO_H_
