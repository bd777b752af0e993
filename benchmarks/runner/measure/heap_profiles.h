// The heap profiles that a lesson's icicle charts draw: each variant that they name runs once more in a
// process of its own, which is profiled and not measured, so that no measured block pays for it.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_MEASURE_HEAP_PROFILES_H_
#define HEAPWISE_BENCHMARKS_RUNNER_MEASURE_HEAP_PROFILES_H_

#include <map>
#include <string>

#include "benchmarks/runner/measure/block.h"

namespace heapwise::runner {

// A variant's profiles by their names: kEndProfile, which the harness writes, and those that the lesson saves.
using Profiles = std::map<std::string, std::string>;

struct ProfileOutcome {
  BlockOutcome::End end = BlockOutcome::End::kMeasured;
  Failure failure;    // where failed; its block number is the caller's to set
  Profiles profiles;  // the files' contents
};

// Profiles one of the lesson's variants. Fails where a profile that a chart names is not there.
ProfileOutcome ProfileVariant(const BlockRequest& request, const std::string& variant);

// What the profile is called in the run's directory: "08-heap-profile-slow.pb.gz",
// "09-live-profile-fast_iterations_100.early.pb.gz".
std::string ProfileFile(const std::string& lesson, const std::string& variant,
                        const std::string& profile);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_MEASURE_HEAP_PROFILES_H_
