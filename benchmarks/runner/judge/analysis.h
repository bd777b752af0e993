// What follows from a lesson's blocks: summaries, ratios, the control, growth, Pareto fronts, and a verdict
// for each claim. Computed from the raw blocks and lesson.json alone, so that `heapwise verdicts` can do it
// again for any recorded run. The statistics are benchmarks/stats'; here they meet the words. Pure.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/runner/format/lesson_file.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/stats/interval.h"
#include "benchmarks/stats/verdict.h"

namespace heapwise::runner {

struct ClaimResult {
  std::string lesson;
  std::string claim;
  stats::Verdict verdict = stats::Verdict::kTooNoisy;
  // Absent where there is no number: too few blocks, or a ratio with a zero in it. For an exact claim the
  // estimate with the least and the greatest block.
  std::optional<stats::Interval> interval;
  std::string unit;     // "ratio" or the measure's
  std::string says;     // the claim
  std::string finding;  // what came out, as a sentence without a full stop
  std::string number;   // the estimate with its interval, short: "22.1 (21.9 to 22.6)"
  std::string detail;   // the same in words, or why there is no number
  std::string remark;
  // False: a timing, the control is off, and so much as it shows would change the verdict.
  bool trusted = true;
  bool timing = true;
};

struct ControlResult {
  stats::Interval interval;
  bool trusted;
  double detectable;  // fraction
  std::string words;
};

// One variant's measure over all blocks.
struct Summary {
  stats::Interval interval;
  double min;
  double max;
  size_t outliers;
};

// By the measure's name.
using Summaries = std::map<std::string, Summary>;

// A row of a pair chart, or of a claim on a ratio that is in none.
struct RatioResult {
  std::string label;
  std::string measure;
  std::string of;
  std::string over;
  stats::Interval interval;
  // The control over the same; absent where `over` is not fast
  std::optional<stats::Interval> control;
};

// A curve of a growth chart.
struct GrowthResult {
  std::string chart;
  std::string label;
  stats::Interval exponent;
  std::string words;
};

struct ParetoResult {
  std::string chart;
  std::vector<std::string> front;  // variants
};

// Of all operations in all blocks, how many survived.
struct SurvivalShare {
  std::string variant;
  double survived;
  double runs;
  stats::Interval interval;
};

struct SurvivalResult {
  std::string chart;
  std::vector<SurvivalShare> shares;
};

struct LessonAnalysis {
  std::optional<ControlResult> control;  // absent below stats::kMinBlocksForInterval blocks
  std::vector<ClaimResult> claims;
  std::vector<Measure> measures;  // those in the blocks but for the iterations, by the alphabet
  // By variant as declared, then the control
  std::vector<std::pair<std::string, Summaries>> summary;
  std::vector<RatioResult> ratios;
  std::vector<GrowthResult> growth;
  std::vector<ParetoResult> pareto;
  std::vector<SurvivalResult> survival;

  // Empty where there is no such variant.
  const Summaries& SummaryOf(const std::string& variant) const;
};

// `lesson` declares no variant that the blocks lack (OnlyVariants makes it so).
LessonAnalysis Analyze(const LessonFile& lesson, const std::vector<Block>& blocks);

// A timing ratio that the stop rule has to satisfy: the headline pair's time, or a ratio claim's on a timing measure.
struct TimingRatio {
  std::vector<double> logs;  // log(of / over), block by block
  double threshold;  // the least of the claims on it; the practical threshold where there is none
};

// All of them, each once. Ratios that cannot be taken are left out.
std::vector<TimingRatio> TimingRatios(const LessonFile& lesson, const std::vector<Block>& blocks);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_H_
