#include "benchmarks/stats/pareto.h"

#include <algorithm>
#include <cmath>

namespace heapwise::stats {

std::vector<std::size_t> ParetoFront(std::span<const Point> points, Better y) {
  const auto beats = [y](const Point& a, const Point& b) {
    const bool as_good = a.x <= b.x && (y == Better::kLess ? a.y <= b.y : a.y >= b.y);
    return as_good && (a.x != b.x || a.y != b.y);
  };
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (std::isnan(points[i].x) || std::isnan(points[i].y)) continue;
    const bool beaten =
        std::ranges::any_of(points, [&](const Point& other) { return beats(other, points[i]); });
    if (!beaten) front.push_back(i);
  }
  std::ranges::stable_sort(front, {}, [&](std::size_t i) { return points[i].x; });
  return front;
}

}  // namespace heapwise::stats
