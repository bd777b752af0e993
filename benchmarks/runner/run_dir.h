// The directory of a run that is being written: results/RUN. Held under a lock while it is, so that a run
// that still goes on is never resumed by a second process.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_RUN_DIR_H_
#define HEAPWISE_BENCHMARKS_RUNNER_RUN_DIR_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace heapwise::runner {

// Closes the lock when it goes.
class RunDir {
 public:
  // Makes results/YYYY-MM-DD-HHMMSS (UTC; with -2, -3, ... where that is taken).
  static absl::StatusOr<RunDir> Create(const std::filesystem::path& results, absl::Time now);
  // Takes one that is there. FailedPrecondition where another process holds it.
  static absl::StatusOr<RunDir> Open(const std::filesystem::path& dir);

  RunDir(RunDir&& other) noexcept;
  RunDir& operator=(RunDir&&) = delete;
  ~RunDir();

  const std::filesystem::path& path() const { return path_; }
  std::string id() const { return path_.filename().string(); }

  // Replaces the file `name` in it by `content`, whole.
  absl::Status Write(const std::string& name, std::string_view content) const;

  // Points results/latest here.
  absl::Status MakeLatest() const;

 private:
  RunDir(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_RUN_DIR_H_
