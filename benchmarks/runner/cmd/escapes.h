// `heapwise escapes`: which allocations of a source file, or of a lesson's sources, the optimiser leaves.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_ESCAPES_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_ESCAPES_H_

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace heapwise::runner {

struct EscapesOptions {
  std::filesystem::path root;  // the source tree: include path, and where lessons/ is
  std::string typed;           // a source file, or a lesson by number, name or a part of one
  std::string compiler = "g++";
  bool json = false;
  std::vector<std::string> flags{};  // for the compiler, behind the others
};

// Prints a line for each allocation and what the report cannot see, or a JSON array without the latter. A line at
// the head tells the flags where they are not the project's own (escape_flags.h).
// Files are named as they were typed; a lesson's sources relative to the current directory. Status 0; 1 when
// a file does not compile (the others of the lesson are reported all the same); 2 with one line for no such
// file, lesson or compiler, or flags that make no sense; 130 after Ctrl-C. No temporary file stays.
int RunEscapes(const EscapesOptions& options, std::ostream& out, std::ostream& err);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_ESCAPES_H_
