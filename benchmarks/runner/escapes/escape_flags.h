// The flags that a file is compiled with for the escape report.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_FLAGS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_FLAGS_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace heapwise::runner {

struct EscapeFlags {
  std::vector<std::string> flags;
  // To compile in: relative paths among the flags are meant from there
  std::filesystem::path directory;
  std::string from;  // who gave them, for people; empty: they are the project's own
};

// The project's own flags, without its include path.
std::vector<std::string> ProjectFlags();

// The flags for `file` (absolute): those that the nearest compile_commands.json has for it, in its directory, in one
// above it, or in build/ of one of these; else the project's own. A file below `root` has the project's own, with the
// include paths that it has there. Behind them come `more`, which win; their paths are meant from the current
// directory. -O2 comes first, for flags that name no level. Left out are flags that say what to write and where,
// warnings, and what hides from the report what it reads (-mcmodel, -fdebug-prefix-map).
//
// InvalidArgument, in one line: a compile_commands.json that cannot be used, or a word in `more` that is no flag.
absl::StatusOr<EscapeFlags> FindFlags(const std::filesystem::path& root,
                                      const std::filesystem::path& file,
                                      const std::vector<std::string>& more);

// The level that the flags name last: "-O2".
std::string OptimisationLevel(const std::vector<std::string>& flags);

// The words of a shell command without expansions: quotes and backslashes are taken off.
std::vector<std::string> SplitCommand(std::string_view command);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_FLAGS_H_
