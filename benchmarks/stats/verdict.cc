#include "benchmarks/stats/verdict.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace heapwise::stats {
namespace {

// A claimed difference, `cleared` being the claimed side and `reversed` the other.
Verdict JudgeDifference(bool cleared, bool reversed, bool inside_band) {
  if (cleared) return Verdict::kShown;
  return reversed || inside_band ? Verdict::kContradicted : Verdict::kTooNoisy;
}

bool Agrees(double measured, ExpectExact expect, double value) {
  switch (expect) {
    case ExpectExact::kEqual:
      return measured == value;
    case ExpectExact::kAtMost:
      return measured <= value;
    case ExpectExact::kAtLeast:
      return measured >= value;
  }
  return false;
}

}  // namespace

const char* ToString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kShown:
      return "shown";
    case Verdict::kContradicted:
      return "contradicted";
    case Verdict::kTooNoisy:
      return "too noisy here";
  }
  return "";
}

Verdict JudgeRatio(const std::optional<Interval>& ratio, Expect expect, double threshold) {
  if (!ratio) return Verdict::kTooNoisy;
  const double band_high = 1 + threshold;
  const double band_low = 1 / band_high;
  const bool above_band = ratio->low > band_high;
  const bool below_band = ratio->high < band_low;
  const bool inside_band = ratio->low >= band_low && ratio->high <= band_high;
  switch (expect) {
    case Expect::kMore:
      return JudgeDifference(above_band, ratio->high < 1, inside_band);
    case Expect::kLess:
      return JudgeDifference(below_band, ratio->low > 1, inside_band);
    case Expect::kSame:
      if (inside_band) return Verdict::kShown;
      return above_band || below_band ? Verdict::kContradicted : Verdict::kTooNoisy;
  }
  return Verdict::kTooNoisy;
}

Verdict JudgeExact(std::span<const double> values, ExpectExact expect, double value) {
  const bool all_finite =
      std::ranges::all_of(values, [](double measured) { return std::isfinite(measured); });
  if (values.empty() || !all_finite) return Verdict::kTooNoisy;
  const auto agreeing = static_cast<std::size_t>(std::ranges::count_if(
      values, [&](double measured) { return Agrees(measured, expect, value); }));
  if (agreeing == values.size()) return Verdict::kShown;
  return agreeing == 0 ? Verdict::kContradicted : Verdict::kTooNoisy;
}

}  // namespace heapwise::stats
