// Files as the runner needs them: read whole, written whole.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_FILES_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_FILES_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace heapwise::runner {

// The file's bytes. An error is one line: "FILE: cannot read: No such file or directory".
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);

// Replaces the file with `content`: a temporary file beside it, then a rename, so that a reader meets
// either the old content or the new, and a full disk leaves the old. An error is one line, as above.
absl::Status WriteFile(const std::filesystem::path& path, std::string_view content);

// Makes `link` a symbolic link to `target`, replacing a link that is there, by a rename too. A directory
// or file of that name is an error, and so is a file system without links.
absl::Status ReplaceSymlink(const std::filesystem::path& link, const std::filesystem::path& target);

// What lies in the directory, in the order of the names; nothing where it cannot be read.
std::vector<std::filesystem::path> EntriesOf(const std::filesystem::path& dir);

// The directory that this process is in; empty where it has been removed.
std::filesystem::path CurrentDirectory();

// The path as a person reads it: relative to `base` where it lies under it, else as it is.
std::string DisplayPath(const std::filesystem::path& path, const std::filesystem::path& base);

// The word as a shell's command line has to hold it: in quotes where it has anything in it that a shell reads.
std::string ShellWord(std::string_view word);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_FILES_H_
