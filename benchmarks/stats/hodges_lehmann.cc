#include "benchmarks/stats/hodges_lehmann.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/rank_distribution.h"

namespace heapwise::stats {
namespace {

bool AllFinite(std::span<const double> values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

double OrderStatistic(std::vector<double>& values, std::size_t index) {
  const auto position = values.begin() + static_cast<std::ptrdiff_t>(index);
  std::nth_element(values.begin(), position, values.end());
  return *position;
}

// The median of `values`, between the `cut`-th smallest and the `cut`-th greatest; cut >= 1.
Interval MedianWithEnds(std::vector<double> values, std::size_t cut) {
  const std::size_t size = values.size();
  const double lower_middle = OrderStatistic(values, (size - 1) / 2);
  const double upper_middle = OrderStatistic(values, size / 2);
  return {std::midpoint(lower_middle, upper_middle), OrderStatistic(values, cut - 1),
          OrderStatistic(values, size - cut)};
}

}  // namespace

std::optional<Interval> HodgesLehmann(std::span<const double> values) {
  if (values.size() < kMinBlocksForInterval || !AllFinite(values)) return std::nullopt;
  std::vector<double> walsh_averages;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) {
      walsh_averages.push_back(std::midpoint(values[i], values[j]));
    }
  }
  return MedianWithEnds(std::move(walsh_averages), SignedRankCut(values.size()));
}

std::optional<Interval> HodgesLehmannShift(std::span<const double> before,
                                           std::span<const double> after) {
  const std::size_t cut = MannWhitneyCut(before.size(), after.size());
  if (cut == 0 || !AllFinite(before) || !AllFinite(after)) return std::nullopt;
  std::vector<double> differences;
  for (const double a : before) {
    for (const double b : after) differences.push_back(b - a);
  }
  return MedianWithEnds(std::move(differences), cut);
}

}  // namespace heapwise::stats
