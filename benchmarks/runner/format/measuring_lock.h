// Only one measurement at a time: two would measure under each other's noise.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FORMAT_MEASURING_LOCK_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FORMAT_MEASURING_LOCK_H_

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"

namespace heapwise::runner {

// Held by whoever measures into a directory of runs; given back when it goes, by the kernel where the process is
// killed. The file results/.lock stays and says who had it last.
class MeasuringLock {
 public:
  // Makes the directory where there is none. FailedPrecondition, with a line that says who measures and what to do,
  // where another process has it; Unavailable where the directory cannot be used.
  static absl::StatusOr<MeasuringLock> Take(const std::filesystem::path& results);

  MeasuringLock(MeasuringLock&& other) noexcept;
  MeasuringLock& operator=(MeasuringLock&&) = delete;
  ~MeasuringLock();

  // What others are told of this process: "run 2026-11-23-101500".
  void Tell(const std::string& what) const;

 private:
  explicit MeasuringLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FORMAT_MEASURING_LOCK_H_
