// What was judged, as files hold it (docs/FORMAT.md). Pure.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_JSON_H_
#define HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_JSON_H_

#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/judge/analysis.h"

namespace heapwise::runner {

// The whole of LESSON.json. `analysis` is of the same lesson.
Json LessonToJson(const LessonRecord& record, const LessonAnalysis& analysis);

// An entry of verdicts.json, with all keys; and with those only that `heapwise verdicts --json` prints.
Json ClaimToJson(const ClaimResult& claim);
Json ClaimToVerdictJson(const ClaimResult& claim);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_JUDGE_ANALYSIS_JSON_H_
