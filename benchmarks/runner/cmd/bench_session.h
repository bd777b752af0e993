// A measurement in progress: everything of `heapwise bench` from the first block to the last file. What is measured and
// with which settings is decided before (bench.cc), how many blocks there are is block_plan.h's.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_BENCH_SESSION_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_BENCH_SESSION_H_

#include <ostream>
#include <vector>

#include "benchmarks/runner/cmd/bench.h"
#include "benchmarks/runner/format/lesson_file.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/format/run_dir.h"

namespace heapwise::runner {

// A lesson of this run: what it declares, what was measured, how far it is.
struct Work {
  LessonFile lesson;  // without the variants that the mode leaves out
  LessonRecord record;
  LessonState state;
};

// Measures the lessons of `work` that are not complete, writes all files of the run into `dir` as it goes, and prints
// progress to `err`, the verdicts to `out`. After a failure to write it goes on, and tries again at the end. Returns the
// exit status.
int MeasureSession(const BenchOptions& options, RunDir dir, RunRecord run, std::vector<Work> work,
                   std::ostream& out, std::ostream& err);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_BENCH_SESSION_H_
