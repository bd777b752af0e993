#include "benchmarks/stats/quantile.h"

#include <algorithm>
#include <cmath>

#include "benchmarks/stats/constants.h"

namespace heapwise::stats {
namespace {

bool Valid(std::span<const double> values, double q) {
  return !values.empty() && q >= 0 && q <= 1 &&
         std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

}  // namespace

std::optional<double> NearestRank(std::span<const double> values, double q) {
  if (!Valid(values, q)) return std::nullopt;
  std::vector<double> ordered(values.begin(), values.end());
  // q * n rounded to the nearest double can lie a hair above the whole number it stands for (0.07 *
  // 100); that hair must not cost a rank.
  const double exact_rank = q * static_cast<double>(ordered.size());
  const double whole_rank = std::round(exact_rank);
  const bool is_whole = std::abs(exact_rank - whole_rank) <= 1e-12 * whole_rank;
  const double rank = std::max(1.0, is_whole ? whole_rank : std::ceil(exact_rank));
  const auto position = ordered.begin() + (static_cast<std::ptrdiff_t>(rank) - 1);
  std::nth_element(ordered.begin(), position, ordered.end());
  return *position;
}

std::optional<double> Quantile(std::span<const double> values, double q) {
  if (!Valid(values, q)) return std::nullopt;
  std::vector<double> ordered(values.begin(), values.end());
  std::ranges::sort(ordered);
  const double position = q * static_cast<double>(ordered.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, ordered.size() - 1);
  return std::lerp(ordered[below], ordered[above], position - static_cast<double>(below));
}

std::vector<std::size_t> Outliers(std::span<const double> values) {
  std::vector<double> finite;
  std::ranges::copy_if(values, std::back_inserter(finite),
                       [](double value) { return std::isfinite(value); });
  const double first_quartile = Quantile(finite, 0.25).value_or(0);
  const double third_quartile = Quantile(finite, 0.75).value_or(0);
  const double reach = kOutlierFence * (third_quartile - first_quartile);
  std::vector<std::size_t> outliers;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool inside = values[i] >= first_quartile - reach && values[i] <= third_quartile + reach;
    if (!inside || !std::isfinite(values[i])) outliers.push_back(i);
  }
  return outliers;
}

}  // namespace heapwise::stats
