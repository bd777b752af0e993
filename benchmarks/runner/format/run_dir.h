// The directory of a run that is being written: results/RUN. Whoever writes one holds the lock of results/ meanwhile,
// so that a run that still goes on is never resumed, or disturbed, by a second process.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FORMAT_RUN_DIR_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FORMAT_RUN_DIR_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "benchmarks/runner/format/measuring_lock.h"

namespace heapwise::runner {

class RunDir {
 public:
  // Makes results/YYYY-MM-DD-HHMMSS (UTC; with -2, -3, ... where that is taken). FailedPrecondition where another
  // process measures into results/.
  static absl::StatusOr<RunDir> Create(const std::filesystem::path& results, absl::Time now);
  // Takes one that is there, by its absolute path. FailedPrecondition as above.
  static absl::StatusOr<RunDir> Open(const std::filesystem::path& dir);

  const std::filesystem::path& path() const { return path_; }
  std::string id() const { return path_.filename().string(); }

  // Replaces the file `name` in it by `content`, whole.
  absl::Status Write(const std::string& name, std::string_view content) const;

  // Points results/latest here. Where there can be no such link, none is left that points to another run, and
  // FindRun finds the newest by its name: that is no error. FailedPrecondition where something else has the name
  // and stays; Unavailable where a link to another run stays.
  absl::Status MakeLatest() const;

 private:
  RunDir(std::filesystem::path path, MeasuringLock lock);

  std::filesystem::path path_;
  MeasuringLock lock_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FORMAT_RUN_DIR_H_
