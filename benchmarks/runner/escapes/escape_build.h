// Builds a source file twice for the escape report.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_BUILD_H_
#define HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_BUILD_H_

#include <filesystem>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "benchmarks/runner/escapes/escape_flags.h"

namespace heapwise::runner {

struct EscapeCompiler {
  std::string name;  // "g++" or "clang++"
  std::filesystem::path path;
};

// The compiler as PATH has it. InvalidArgument for any other name, NotFound where it is not installed.
absl::StatusOr<EscapeCompiler> FindCompiler(const std::string& name);

struct EscapeObjects {
  std::filesystem::path built;  // with the flags as they are
  std::filesystem::path kept;   // the same, but no allocation was removed
  // What `source` includes, be it through others; absolute, without dots.
  std::set<std::string> included;
};

// Compiles `source` as C++ both ways at once into `directory`, where the compiler's own temporary files go too. What
// the flags do not find among their include paths is looked for below `root`. An error has the compiler's first lines
// (FailedPrecondition), or says that it was interrupted (Cancelled). Not while another RunProcess runs.
absl::StatusOr<EscapeObjects> CompileTwice(const EscapeCompiler& compiler, const EscapeFlags& flags,
                                           const std::filesystem::path& root,
                                           const std::filesystem::path& source,
                                           const std::filesystem::path& directory);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_ESCAPES_ESCAPE_BUILD_H_
