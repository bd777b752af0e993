// What follows from a lesson's blocks: summaries, ratios, the control, growth, Pareto fronts, and a verdict
// for each claim. Computed from the raw blocks and lesson.json alone, so that `heapwise verdicts` can do it
// again for any recorded run. The statistics are benchmarks/stats'; here they meet the words. Pure.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/format/lesson.h"
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
  bool trusted = true;  // false: a timing, and the control says that timings mislead here
  bool timing = true;
};

struct ControlResult {
  stats::Interval interval;
  bool trusted = true;
  double detectable = 0;  // fraction
  std::string words;
};

struct LessonAnalysis {
  std::optional<ControlResult> control;  // absent below stats::kMinBlocksForInterval blocks
  std::vector<ClaimResult> claims;
  // As in docs/FORMAT.md.
  Json measures = Json::object();
  Json summary = Json::object();
  Json ratios = Json::array();
  Json growth = Json::array();
  Json pareto = Json::array();
  Json survival = Json::array();
};

// `lesson` declares no variant that the blocks lack (OnlyVariants makes it so).
LessonAnalysis Analyze(const Lesson& lesson, const std::vector<Block>& blocks);

// A timing ratio that the stop rule has to satisfy: the headline pair's time, or a ratio claim's on a timing measure.
struct TimingRatio {
  std::vector<double> logs;  // log(of / over), block by block
  double threshold;  // the least of the claims on it; the practical threshold where there is none
};

// All of them, each once. Ratios that cannot be taken are left out.
std::vector<TimingRatio> TimingRatios(const Lesson& lesson, const std::vector<Block>& blocks);

// The whole of LESSON.json.
Json LessonToJson(const LessonRecord& record, const LessonAnalysis& analysis);

// An entry of verdicts.json, with all keys; and with those only that `heapwise verdicts --json` prints.
Json ClaimToJson(const ClaimResult& claim);
Json ClaimToVerdictJson(const ClaimResult& claim);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_H_
