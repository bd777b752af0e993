#include "benchmarks/runner/judge/analysis.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/format/measures.h"
#include "benchmarks/runner/format/wording.h"
#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/control.h"
#include "benchmarks/stats/growth.h"
#include "benchmarks/stats/hodges_lehmann.h"
#include "benchmarks/stats/pareto.h"
#include "benchmarks/stats/quantile.h"
#include "benchmarks/stats/ratio.h"
#include "benchmarks/stats/wilson.h"

namespace heapwise::runner {
namespace {

using stats::Interval;

// The measure of a variant, one value a block; nullopt where a block has none.
std::optional<std::vector<double>> Values(const std::vector<Block>& blocks,
                                          const std::string& variant, const std::string& measure) {
  std::vector<double> values;
  for (const Block& block : blocks) {
    const auto sample = block.samples.find(variant);
    if (sample == block.samples.end()) return std::nullopt;
    const auto value = sample->second.find(measure);
    if (value == sample->second.end()) return std::nullopt;
    values.push_back(value->second);
  }
  return values;
}

struct Ratio {
  std::optional<Interval> interval;
  std::string why_not;  // where there is none
};

std::string WhyNoValues(const std::vector<Block>& blocks, const std::string& variant,
                        const Measure& measure) {
  if (blocks.empty()) return "nothing was measured";
  return absl::StrFormat("%s: not reported for %s in every block", measure.label, variant);
}

std::string TooFewBlocks(size_t blocks) {
  if (blocks == 0) return "nothing was measured";
  return absl::StrFormat("%d block%s: an interval needs at least %d", blocks,
                         blocks == 1 ? "" : "s", stats::kMinBlocksForInterval);
}

Ratio RatioOf(const std::vector<Block>& blocks, const Measure& measure, const std::string& of,
              const std::string& over) {
  const auto of_values = Values(blocks, of, measure.name);
  const auto over_values = Values(blocks, over, measure.name);
  if (!of_values) return {std::nullopt, WhyNoValues(blocks, of, measure)};
  if (!over_values) return {std::nullopt, WhyNoValues(blocks, over, measure)};
  for (const auto& [variant, values] : {std::pair(of, *of_values), std::pair(over, *over_values)}) {
    const auto bad = std::count_if(values.begin(), values.end(),
                                   [](double value) { return !(value > 0) || std::isinf(value); });
    if (bad > 0) {
      return {std::nullopt,
              absl::StrFormat("%s: not above 0 for %s in %d of %d blocks, and a ratio needs that",
                              measure.label, variant, bad, values.size())};
    }
  }
  const std::optional<Interval> interval = stats::PairedRatio(*of_values, *over_values);
  return {interval, interval ? "" : TooFewBlocks(blocks.size())};
}

std::string IntervalWords(const Interval& ratio) {
  const RatioNumbers numbers = RatioInNumbers(ratio);
  return absl::StrFormat("%s, 95 %% interval %s to %s", numbers.estimate, numbers.low,
                         numbers.high);
}

std::optional<ControlResult> AnalyzeControl(const LessonFile& lesson,
                                            const std::vector<Block>& blocks) {
  const Ratio ratio = RatioOf(blocks, lesson.MeasureNamed(kTime), lesson.control, lesson.fast);
  if (!ratio.interval) return std::nullopt;
  ControlResult control;
  control.interval = *ratio.interval;
  control.trusted = stats::Trusted(control.interval);
  control.detectable = stats::MinDetectable(control.interval);
  control.words =
      control.trusted
          ? absl::StrFormat("This machine tells %s apart here.", PercentWords(control.detectable))
          : absl::StrFormat(
                "The control, fast against itself, is off: %s, where 1 was due. "
                "Verdicts on time that so much would change are marked untrusted.",
                IntervalWords(control.interval));
  return control;
}

// `control` is the control's interval where it is off, else null.
void JudgeRatioClaim(const Claim& claim, const Measure& measure, const std::vector<Block>& blocks,
                     const Interval* control, ClaimResult& result, std::string& estimate) {
  const Ratio ratio = RatioOf(blocks, measure, claim.of, claim.over);
  result.unit = "ratio";
  result.interval = ratio.interval;
  result.verdict = stats::JudgeRatio(ratio.interval, claim.expect, claim.threshold);
  if (!ratio.interval) {
    result.detail = ratio.why_not;
    return;
  }
  if (control != nullptr) {
    const Interval widened = stats::Widened(*ratio.interval, *control);
    result.trusted = stats::JudgeRatio(widened, claim.expect, claim.threshold) == result.verdict;
  }
  estimate = RatioWords(ratio.interval->estimate);
  result.detail = IntervalWords(*ratio.interval);
  const RatioNumbers numbers = RatioInNumbers(*ratio.interval);
  result.number = absl::StrFormat("%s (%s to %s)", numbers.estimate, numbers.low, numbers.high);
}

// The same.
void JudgeExactClaim(const Claim& claim, const Measure& measure, const std::vector<Block>& blocks,
                     const Interval* control, ClaimResult& result, std::string& estimate) {
  result.unit = measure.unit;
  const auto values = Values(blocks, claim.of, claim.measure);
  if (!values) {
    result.detail = WhyNoValues(blocks, claim.of, measure);
    return;
  }
  if (values->size() < stats::kMinBlocksForInterval) {
    result.detail = TooFewBlocks(values->size());
    return;
  }
  result.verdict = stats::JudgeExact(*values, claim.expect_exact, claim.value);
  if (control != nullptr) {
    const double factor = 1 + stats::MinDetectable(*control);
    const auto verdict_at = [&claim](double value_times, std::vector<double> of_blocks) {
      for (double& value : of_blocks) value *= value_times;
      return stats::JudgeExact(of_blocks, claim.expect_exact, claim.value);
    };
    result.trusted = verdict_at(factor, *values) == result.verdict &&
                     verdict_at(1 / factor, *values) == result.verdict;
  }
  const auto [least, greatest] = std::minmax_element(values->begin(), values->end());
  // The same estimate as in the summary, so that a chart and its title agree.
  result.interval = Interval{stats::HodgesLehmann(*values)->estimate, *least, *greatest};
  estimate = QuantityWords(result.interval->estimate, measure);
  if (*least == *greatest) {
    result.number = estimate;
    result.detail = absl::StrFormat("%s in each of %d blocks", estimate, values->size());
  } else {
    result.number = QuantityRange(*result.interval, measure);
    result.detail =
        absl::StrFormat("%s, over %d blocks from %s to %s", estimate, values->size(),
                        QuantityWords(*least, measure), QuantityWords(*greatest, measure));
  }
}

ClaimResult Judge(const Claim& claim, const LessonFile& lesson, const std::vector<Block>& blocks,
                  const std::optional<ControlResult>& control) {
  const Measure measure = lesson.MeasureNamed(claim.measure);
  ClaimResult result;
  result.lesson = lesson.name;
  result.claim = claim.id;
  result.says = claim.says;
  result.remark = claim.remark;
  result.timing = measure.timing;
  const bool misled = measure.timing && control && !control->trusted;
  const Interval* const off_by = misled ? &control->interval : nullptr;
  std::string estimate;
  if (claim.kind == Claim::Kind::kRatio) {
    JudgeRatioClaim(claim, measure, blocks, off_by, result, estimate);
  } else {
    JudgeExactClaim(claim, measure, blocks, off_by, result, estimate);
  }
  switch (result.verdict) {
    case stats::Verdict::kShown:
      result.finding = FillEstimate(claim.shown, estimate);
      break;
    case stats::Verdict::kContradicted:
      result.finding = FillEstimate(claim.contradicted, estimate);
      break;
    case stats::Verdict::kTooNoisy:
      result.finding = "Too noisy here to say: " + claim.says;
      break;
  }
  return result;
}

// The names of what was measured, without the iterations, in the order of the alphabet.
std::set<std::string> MeasuresIn(const std::vector<Block>& blocks) {
  std::set<std::string> names;
  for (const Block& block : blocks) {
    for (const auto& [variant, sample] : block.samples) {
      for (const auto& [measure, value] : sample) names.insert(measure);
    }
  }
  names.erase(kIterations);
  return names;
}

Summaries Summarize(const std::vector<Block>& blocks, const std::string& variant,
                    const std::set<std::string>& measures) {
  Summaries summaries;
  for (const std::string& measure : measures) {
    const auto values = Values(blocks, variant, measure);
    if (!values) continue;
    const std::optional<Interval> interval = stats::HodgesLehmann(*values);
    if (!interval) continue;
    const auto [least, greatest] = std::minmax_element(values->begin(), values->end());
    summaries[measure] = {*interval, *least, *greatest, stats::Outliers(*values).size()};
  }
  return summaries;
}

// The rows of the pair charts, then the ratio claims that are none of those rows; each once.
std::vector<RatioResult> Ratios(const LessonFile& lesson, const std::vector<Block>& blocks) {
  std::vector<RatioResult> ratios;
  std::set<std::array<std::string, 3>> seen;
  const auto add = [&](const std::string& label, const std::string& measure, const std::string& of,
                       const std::string& over) {
    if (!seen.insert({measure, of, over}).second) return;
    const Measure named = lesson.MeasureNamed(measure);
    const Ratio ratio = RatioOf(blocks, named, of, over);
    if (!ratio.interval) return;
    RatioResult result = {label, measure, of, over, *ratio.interval, std::nullopt};
    if (over == lesson.fast) {
      result.control = RatioOf(blocks, named, lesson.control, over).interval;
    }
    ratios.push_back(std::move(result));
  };
  for (const Chart& chart : lesson.charts) {
    for (const PairRow& row : chart.rows) add(row.label, chart.measure, row.slow, row.fast);
  }
  for (const Claim& claim : lesson.claims) {
    if (claim.kind != Claim::Kind::kRatio) continue;
    add(lesson.FindVariant(claim.of)->label + " / " + lesson.FindVariant(claim.over)->label,
        claim.measure, claim.of, claim.over);
  }
  return ratios;
}

std::string GrowthWords(const Interval& exponent, const std::string& x) {
  // "the size of the struct", but "GOGC".
  const std::string x_words = std::islower(static_cast<unsigned char>(x[0])) ? "the " + x : x;
  if (exponent.low <= 0 && exponent.high >= 0) {
    return absl::StrFormat("no growth with %s that can be told", x_words);
  }
  return absl::StrFormat("%s %s to the power %.2f",
                         exponent.estimate > 0 ? "grows as" : "falls as 1 over", x_words,
                         std::abs(exponent.estimate));
}

std::vector<GrowthResult> Growth(const LessonFile& lesson, const std::vector<Block>& blocks) {
  std::vector<GrowthResult> growth;
  for (const Chart& chart : lesson.charts) {
    if (chart.kind != Chart::Kind::kGrowth) continue;
    for (const Series& series : chart.series) {
      std::vector<double> x;
      std::vector<std::vector<double>> y_by_block(blocks.size());
      bool complete = true;
      for (const auto& [size, variant] : series.points) {
        const auto values = Values(blocks, variant, chart.measure);
        if (!values) {
          complete = false;
          break;
        }
        x.push_back(size);
        for (size_t block = 0; block < values->size(); ++block) {
          y_by_block[block].push_back((*values)[block]);
        }
      }
      if (!complete) continue;
      const std::optional<Interval> exponent = stats::GrowthExponentInterval(x, y_by_block);
      if (!exponent) continue;
      growth.push_back({chart.id, series.label, *exponent, GrowthWords(*exponent, chart.x_label)});
    }
  }
  return growth;
}

std::vector<ParetoResult> Pareto(const LessonFile& lesson, const std::vector<Block>& blocks) {
  std::vector<ParetoResult> fronts;
  for (const Chart& chart : lesson.charts) {
    if (chart.kind != Chart::Kind::kPareto) continue;
    // ParetoFront calls less x better: where more is, x is turned round.
    const bool more_x = lesson.MeasureNamed(chart.x).better == stats::Better::kMore;
    std::vector<std::string> variants;
    std::vector<stats::Point> points;
    for (const std::string& variant : chart.points) {
      const auto x_values = Values(blocks, variant, chart.x);
      const auto y_values = Values(blocks, variant, chart.y);
      if (!x_values || !y_values) continue;
      const auto x = stats::HodgesLehmann(*x_values);
      const auto y = stats::HodgesLehmann(*y_values);
      if (!x || !y) continue;
      variants.push_back(variant);
      points.push_back({more_x ? -x->estimate : x->estimate, y->estimate});
    }
    ParetoResult result{chart.id, {}};
    for (const size_t index : stats::ParetoFront(points, lesson.MeasureNamed(chart.y).better)) {
      result.front.push_back(variants[index]);
    }
    fronts.push_back(std::move(result));
  }
  return fronts;
}

// Of all operations in all blocks, how many survived: the measure is the share of a block's that did.
std::optional<SurvivalShare> SurvivalOf(const std::vector<Block>& blocks,
                                        const std::string& variant, const std::string& measure) {
  const auto shares = Values(blocks, variant, measure);
  const auto iterations = Values(blocks, variant, kIterations);
  if (!shares || !iterations) return std::nullopt;
  double survived = 0;
  double runs = 0;
  for (size_t i = 0; i < shares->size(); ++i) {
    if (!((*shares)[i] >= 0 && (*shares)[i] <= 1)) return std::nullopt;  // no share at all
    survived += std::round((*shares)[i] * (*iterations)[i]);
    runs += (*iterations)[i];
  }
  const std::optional<Interval> share =
      stats::WilsonInterval(static_cast<size_t>(survived), static_cast<size_t>(runs));
  if (!share) return std::nullopt;
  return SurvivalShare{variant, survived, runs, *share};
}

std::vector<SurvivalResult> Survival(const LessonFile& lesson, const std::vector<Block>& blocks) {
  std::vector<SurvivalResult> survival;
  for (const Chart& chart : lesson.charts) {
    if (chart.kind != Chart::Kind::kSurvival) continue;
    SurvivalResult result{chart.id, {}};
    const auto add = [&](const std::string& variant) {
      if (auto share = SurvivalOf(blocks, variant, chart.measure)) {
        result.shares.push_back(*std::move(share));
      }
    };
    for (const Series& curve : chart.series) {
      for (const auto& [x, variant] : curve.points) add(variant);
    }
    for (const std::string& variant : chart.points) add(variant);
    survival.push_back(std::move(result));
  }
  return survival;
}

}  // namespace

const Summaries& LessonAnalysis::SummaryOf(const std::string& variant) const {
  static const auto* const none = new Summaries;
  const auto found = std::find_if(summary.begin(), summary.end(),
                                  [&](const auto& of) { return of.first == variant; });
  return found == summary.end() ? *none : found->second;
}

LessonAnalysis Analyze(const LessonFile& lesson, const std::vector<Block>& blocks) {
  LessonAnalysis analysis;
  analysis.control = AnalyzeControl(lesson, blocks);
  for (const Claim& claim : lesson.claims) {
    analysis.claims.push_back(Judge(claim, lesson, blocks, analysis.control));
  }
  const std::set<std::string> measures = MeasuresIn(blocks);
  for (const std::string& name : measures) {
    analysis.measures.push_back(lesson.MeasureNamed(name));
  }
  for (const DeclaredVariant& variant : lesson.variants) {
    analysis.summary.emplace_back(variant.name, Summarize(blocks, variant.name, measures));
  }
  analysis.summary.emplace_back(lesson.control, Summarize(blocks, lesson.control, measures));
  analysis.ratios = Ratios(lesson, blocks);
  analysis.growth = Growth(lesson, blocks);
  analysis.pareto = Pareto(lesson, blocks);
  analysis.survival = Survival(lesson, blocks);
  return analysis;
}

std::vector<TimingRatio> TimingRatios(const LessonFile& lesson, const std::vector<Block>& blocks) {
  std::map<std::array<std::string, 3>, double> wanted;  // to its threshold
  for (const Claim& claim : lesson.claims) {
    if (claim.kind == Claim::Kind::kRatio && lesson.MeasureNamed(claim.measure).timing) {
      double& least =
          wanted.try_emplace({claim.measure, claim.of, claim.over}, claim.threshold).first->second;
      least = std::min(least, claim.threshold);
    }
  }
  wanted.try_emplace({kTime, lesson.slow, lesson.fast}, stats::kPracticalThreshold);
  std::vector<TimingRatio> all;
  for (const auto& [ratio, threshold] : wanted) {
    const auto& [measure, of, over] = ratio;
    const auto of_values = Values(blocks, of, measure);
    const auto over_values = Values(blocks, over, measure);
    if (!of_values || !over_values) continue;
    if (auto logs = stats::LogRatios(*of_values, *over_values)) {
      all.push_back({*std::move(logs), threshold});
    }
  }
  return all;
}

}  // namespace heapwise::runner
