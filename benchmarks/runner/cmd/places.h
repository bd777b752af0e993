// Where things are for a subcommand: the tree, the programs of the lessons, the runs. Each has a flag and a default.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_PLACES_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_PLACES_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/runner/cmd/arguments.h"

namespace heapwise::runner {

// As they were typed; empty where they were not.
struct PlaceFlags {
  std::string root;
  std::string programs;
  std::string results;
};
Flag RootFlag(PlaceFlags& places);
Flag ProgramsFlag(PlaceFlags& places);
Flag ResultsFlag(PlaceFlags& places);

struct Places {
  std::filesystem::path root;      // absolute
  std::filesystem::path programs;  // absolute; empty where it is not known where this program lies
  std::filesystem::path results;   // as the user would type it here
};

absl::StatusOr<Places> FindPlaces(const PlaceFlags& flags);

// Why nothing can be measured with these places, as a line; empty where something can.
std::string NoPrograms(const Places& places);

// This program as the record names it: relative to the tree that it belongs to, so that the command can be typed there
// by anyone; and as the user would type it here. For a shell.
std::string RecordedProgram(const std::filesystem::path& root);
std::string ProgramHere();

// The command line as the record has it.
std::string RecordedCommand(const std::filesystem::path& root,
                            const std::vector<std::string>& words);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_PLACES_H_
