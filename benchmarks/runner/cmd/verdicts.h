// `heapwise verdicts`: the claims of a recorded run, judged again.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_VERDICTS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_VERDICTS_H_

#include <filesystem>
#include <ostream>

#include "benchmarks/runner/base/terminal.h"

namespace heapwise::runner {

// Judges the claims of a recorded run again, from its raw blocks and the lesson.json under root, and prints
// the table, or the JSON array with the keys lesson, claim, verdict, estimate, low, high and unit. `run` is
// the run's directory. A lesson that cannot be judged, because its file is broken or because there is no such
// lesson any more, is left out with a line that says why, and the status is 1. Status 2 with one line where run.json
// cannot be read.
int RunVerdicts(const std::filesystem::path& root, const std::filesystem::path& run, bool json,
                const Terminal& terminal, std::ostream& out, std::ostream& err);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_VERDICTS_H_
