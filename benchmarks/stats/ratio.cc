#include "benchmarks/stats/ratio.h"

#include <cmath>
#include <cstddef>

#include "benchmarks/stats/hodges_lehmann.h"

namespace heapwise::stats {
namespace {

std::optional<std::vector<double>> Logs(std::span<const double> values) {
  std::vector<double> logs;
  logs.reserve(values.size());
  for (const double value : values) {
    if (!(value > 0) || !std::isfinite(value)) return std::nullopt;
    logs.push_back(std::log(value));
  }
  return logs;
}

std::optional<Interval> FromLog(const std::optional<Interval>& log_ratio) {
  if (!log_ratio) return std::nullopt;
  return Interval{std::exp(log_ratio->estimate), std::exp(log_ratio->low),
                  std::exp(log_ratio->high)};
}

}  // namespace

std::optional<std::vector<double>> LogRatios(std::span<const double> of,
                                             std::span<const double> over) {
  if (of.size() != over.size()) return std::nullopt;
  std::optional<std::vector<double>> log_ratios = Logs(of);
  const std::optional<std::vector<double>> log_over = Logs(over);
  if (!log_ratios || !log_over) return std::nullopt;
  for (std::size_t i = 0; i < over.size(); ++i) (*log_ratios)[i] -= (*log_over)[i];
  return log_ratios;
}

std::optional<Interval> PairedRatio(std::span<const double> of, std::span<const double> over) {
  const std::optional<std::vector<double>> log_ratios = LogRatios(of, over);
  if (!log_ratios) return std::nullopt;
  return FromLog(HodgesLehmann(*log_ratios));
}

std::optional<Interval> UnpairedRatio(std::span<const double> after,
                                      std::span<const double> before) {
  const std::optional<std::vector<double>> log_after = Logs(after);
  const std::optional<std::vector<double>> log_before = Logs(before);
  if (!log_after || !log_before) return std::nullopt;
  return FromLog(HodgesLehmannShift(*log_before, *log_after));
}

}  // namespace heapwise::stats
