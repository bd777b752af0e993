// Files as the runner needs them: read whole, written whole.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FILES_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FILES_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace heapwise::runner {

// The file's bytes. An error is one line: "FILE: cannot read: No such file or directory".
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);

// Replaces the file with `content`: a temporary file beside it, then a rename, so that a reader meets
// either the old content or the new, and a full disk leaves the old. An error is one line, as above.
absl::Status WriteFile(const std::filesystem::path& path, std::string_view content);

// Makes `link` a symbolic link to `target`, replacing a link that is there, by a rename too. A directory
// or file of that name is an error.
absl::Status ReplaceSymlink(const std::filesystem::path& link, const std::filesystem::path& target);

// The path as a person reads it: relative to `base` where it lies under it, else as it is.
std::string DisplayPath(const std::filesystem::path& path, const std::filesystem::path& base);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FILES_H_
