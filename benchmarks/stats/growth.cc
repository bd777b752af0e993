#include "benchmarks/stats/growth.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "benchmarks/stats/hodges_lehmann.h"
#include "benchmarks/stats/quantile.h"

namespace heapwise::stats {

std::optional<double> GrowthExponent(std::span<const double> x, std::span<const double> y) {
  const auto loggable = [](double value) { return value > 0 && std::isfinite(value); };
  if (x.size() != y.size() || !std::ranges::all_of(x, loggable) ||
      !std::ranges::all_of(y, loggable)) {
    return std::nullopt;
  }
  std::vector<double> slopes;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      if (x[i] != x[j]) slopes.push_back(std::log(y[j] / y[i]) / std::log(x[j] / x[i]));
    }
  }
  return Quantile(slopes, 0.5);
}

std::optional<Interval> GrowthExponentInterval(std::span<const double> x,
                                               std::span<const std::vector<double>> y_by_block) {
  std::vector<double> exponents;
  for (const std::vector<double>& y : y_by_block) {
    const std::optional<double> exponent = GrowthExponent(x, y);
    if (!exponent) return std::nullopt;
    exponents.push_back(*exponent);
  }
  return HodgesLehmann(exponents);
}

}  // namespace heapwise::stats
