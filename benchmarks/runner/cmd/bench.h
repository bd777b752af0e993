// `heapwise bench`: measures lessons block by block, keeps everything on disk as it goes, judges the claims
// (docs/METHODOLOGY.md).
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_BENCH_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_BENCH_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/terminal.h"
#include "benchmarks/runner/format/results.h"

namespace heapwise::runner {

// Fewer make no interval worth a verdict (docs/METHODOLOGY.md).
inline constexpr int kFewestBlocks = 10;

struct BenchOptions {
  std::filesystem::path root;        // holds lessons/
  std::filesystem::path programs;    // holds the lesson programs
  std::filesystem::path results;     // holds the runs
  std::vector<std::string> lessons;  // as typed; empty: all
  std::string mode = "bench";        // "quick", "bench", "lesson"
  std::optional<uint64_t> seed;      // absent: one from the system, printed
  // Where these differ from the mode's own.
  std::optional<absl::Duration> budget;
  std::optional<absl::Duration> min_time;
  std::optional<int> blocks;
  std::optional<absl::Duration> lesson_timeout;
  // Go on with this run, or with the newest unfinished one where empty. Of the fields above only the first
  // three are then used.
  std::optional<std::string> resume;

  // Where to write the path of the run's directory, a line, as soon as there is one; nowhere where empty.
  std::filesystem::path run_file;

  std::string program = "heapwise";       // this program in commands of the record, for a shell
  std::string program_here = "heapwise";  // the same as the user would type it now
  std::string command;                    // the whole command line, for the record
  // The flags that say where things are, as --resume needs them again: " --results=/tmp/x", or empty.
  std::string place_flags;
  std::function<absl::Time()> now = absl::Now;  // the clock that budgets are held against
  Terminal out_terminal;
  Terminal err_terminal;
};

// The settings of a mode. Quick: exactly the pilot; lesson: what fits in front of a class.
Settings DefaultSettings(std::string_view mode);

// Runs, prints progress on `err` and verdicts on `out`, and returns the exit status. A lesson that fails, is not built
// or reports too little costs only itself: it is recorded as failed, the others are measured, and the status is 1.
int RunBench(const BenchOptions& options, std::ostream& out, std::ostream& err);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_BENCH_H_
