// `heapwise list`: which lessons there are.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_LIST_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_LIST_H_

#include <filesystem>
#include <ostream>

#include "benchmarks/runner/base/terminal.h"

namespace heapwise::runner {

// Prints the lessons under root: number, title, pattern, minutes, claims; as JSON an array of objects with
// the keys lesson, title, pattern, minutes and claims (how many). Status 2, with a line for each lesson.json
// that cannot be read; the others are printed all the same.
int RunList(const std::filesystem::path& root, bool json, const Terminal& terminal,
            std::ostream& out, std::ostream& err);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_LIST_H_
