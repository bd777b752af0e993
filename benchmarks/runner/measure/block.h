// One block: every variant of a lesson, and the control, measured once in fresh processes
// (docs/METHODOLOGY.md). Address space randomisation stays on: a fresh layout in each block is the point.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_MEASURE_BLOCK_H_
#define HEAPWISE_BENCHMARKS_RUNNER_MEASURE_BLOCK_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "benchmarks/runner/format/lesson_file.h"
#include "benchmarks/runner/format/results.h"

namespace heapwise::runner {

struct BlockRequest {
  const LessonFile& lesson;
  std::filesystem::path program;  // the lesson's
  uint64_t seed;                  // the block's
  absl::Duration min_time;        // per variant
  absl::Duration time_limit;      // per process
};

struct BlockOutcome {
  enum class End { kMeasured, kFailed, kInterrupted };

  End end = End::kMeasured;
  Block block;      // where measured
  Failure failure;  // where failed; its block number is the caller's to set
  std::map<std::string, std::string> context;  // of the processes, where they agree
  std::map<std::string, Timeline> timelines;   // of LessonFile::TimelineVariants
};

// Measures a block: isolation "together" in one process, whose harness shuffles the variants by the seed;
// "process" in a process for each variant, in an order shuffled by it.
BlockOutcome RunBlock(const BlockRequest& request);

// The seed of a lesson's n-th block (from 0): the same whichever lessons run beside it, so that a resumed
// run and a run of one lesson go through the orders of the whole run. Below 2^31.
uint64_t BlockSeed(uint64_t run_seed, std::string_view lesson, int block);

// `names` shuffled by the seed; the same on every platform.
std::vector<std::string> Shuffled(std::vector<std::string> names, uint64_t seed);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_MEASURE_BLOCK_H_
