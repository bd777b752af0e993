// The exit statuses of `heapwise`.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_EXIT_STATUS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_EXIT_STATUS_H_

namespace heapwise::runner {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // a lesson failed, or a file could not be written
// Nothing was done: bad arguments, or files that cannot be read
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInterrupted = 130;  // as shells report SIGINT

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_EXIT_STATUS_H_
