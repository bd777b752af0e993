// Where things are: the source tree with lessons/, and the programs beside this one.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_ROOT_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_ROOT_H_

#include <filesystem>

#include "absl/status/statusor.h"

namespace heapwise::runner {

// This program's own file. Empty where the system does not tell.
std::filesystem::path ExecutablePath();

// The nearest directory that holds lessons/, from the executable upward, then from `current` upward. Either may
// be empty: not known.
absl::StatusOr<std::filesystem::path> FindRoot(const std::filesystem::path& executable,
                                               const std::filesystem::path& current);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_ROOT_H_
