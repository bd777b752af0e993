// A recorded lesson judged anew: from its raw blocks, by what its lesson.json says now. Whoever shows the verdicts of a
// recorded run takes them from here, so that they agree.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_JUDGE_RECORDED_H_
#define HEAPWISE_BENCHMARKS_RUNNER_JUDGE_RECORDED_H_

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/judge/analysis.h"

namespace heapwise::runner {

struct JudgedLesson {
  std::string title;
  LessonAnalysis analysis;
};

// An error, in one line, where lessons/LESSON/lesson.json under `root` cannot be read.
absl::StatusOr<JudgedLesson> JudgeRecorded(const std::filesystem::path& root,
                                           const LessonRecord& record);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_JUDGE_RECORDED_H_
