// The verdicts of a run as a table for people.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_JUDGE_VERDICT_TABLE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_JUDGE_VERDICT_TABLE_H_

#include <string>
#include <vector>

#include "benchmarks/runner/base/terminal.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/judge/analysis.h"

namespace heapwise::runner {

struct LessonVerdicts {
  std::string title;  // empty where it is not known
  LessonState state;
  LessonAnalysis analysis;
};

// For each lesson a heading, a row for each claim (the claim in words, the estimate with its interval, the
// verdict), what the control says, and what went wrong where something did. Readable at 80 columns and
// without colour; wider than 120 it does not get. Ends with a newline.
std::string VerdictTable(const std::vector<LessonVerdicts>& lessons, const Terminal& terminal);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_JUDGE_VERDICT_TABLE_H_
