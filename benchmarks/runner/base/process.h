// A child process that is watched: its output kept, its resident memory sampled from outside, a limit on
// its time, and no trace of it left behind.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_PROCESS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_PROCESS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace heapwise::runner {

// How often the resident set is read. METHODOLOGY.md: from outside, so that sampling does not run on the
// child's own threads.
inline constexpr absl::Duration kRssPeriod = absl::Milliseconds(5);

// How much of a child's output is kept: the last characters.
inline constexpr size_t kOutputTail = 4000;

// Variables by name.
using Environment = std::map<std::string, std::string>;

struct ProcessRequest {
  std::vector<std::string> command;  // the program's path first; not searched in PATH
  Environment environment;           // set for the child, over what the runner's own has
  absl::Duration time_limit = absl::InfiniteDuration();
  bool sample_rss = false;
};

struct ProcessOutcome {
  enum class End { kExited, kSignalled, kTimedOut, kInterrupted, kNotStarted };

  End end = End::kNotStarted;
  int code = 0;          // exit status, signal number, or the errno of why it did not start
  std::string output;    // stdout and stderr as they came, the last kOutputTail characters
  int64_t start_ns = 0;  // CLOCK_MONOTONIC when it was started
  // (seconds since then, bytes), one each kRssPeriod on a schedule that does not drift.
  std::vector<std::pair<double, double>> rss;

  bool Succeeded() const { return end == End::kExited && code == 0; }
  // "killed by signal 9 (Killed)", "exited with status 3", "ran past its time limit of 60 s"
  std::string Describe(absl::Duration time_limit) const;
};

// Runs the command to its end in a process group of its own: stdin is /dev/null, and descriptors that are
// not close-on-exec are passed on. The group is killed when the time limit is reached, when an Interrupt is
// requested, and after the end of the command; what the command started and left behind is killed then too, in
// whatever group or session it is, so that no grandchild stays. The child dies with the runner. Its environment is the runner's without GOGC, GOMEMLIMIT, GODEBUG, GC_* and BENCHMARK_*: a result
// must not hang on what the shell had set. Then comes what the request sets.
// One call at a time; the runner has one thread.
ProcessOutcome RunProcess(const ProcessRequest& request);

// While it lives SIGINT and SIGTERM end the running child and are remembered instead of ending the runner.
// One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  static bool Requested();
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_PROCESS_H_
