// A directory for files that nobody keeps.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_TEMPORARY_DIRECTORY_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_TEMPORARY_DIRECTORY_H_

#include <filesystem>

#include "absl/status/statusor.h"

namespace heapwise::runner {

// A fresh one below TMPDIR (else /tmp), which the destructor removes with all that is in it.
class TemporaryDirectory {
 public:
  // Unavailable, with the path and the reason, where there can be none.
  static absl::StatusOr<TemporaryDirectory> Make();
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  ~TemporaryDirectory();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryDirectory(std::filesystem::path path);
  std::filesystem::path path_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_TEMPORARY_DIRECTORY_H_
