// What every file of results holds of the conditions it was made in (docs/FORMAT.md): the format's number, instants,
// the machine, its load, the build.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FORMAT_CONDITIONS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FORMAT_CONDITIONS_H_

#include <array>
#include <string>

#include "absl/time/time.h"
#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/base/machine.h"

namespace heapwise::runner {

inline constexpr int kFormat = 1;

// Refuses a file of another format. `root` is the whole of it.
void CheckFormat(const JsonField& root);

// "2026-11-23T10:15:00Z"
std::string Timestamp(absl::Time time);

Json MachineToJson(const MachineFacts& machine);
MachineFacts ParseMachine(const JsonField& field);

Json LoadsToJson(const std::array<double, 3>& loads);
std::array<double, 3> ParseLoads(const JsonField& field);

Json BuildToJson(const BuildFacts& build);
BuildFacts ParseBuild(const JsonField& field);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FORMAT_CONDITIONS_H_
