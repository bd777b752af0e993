// A subcommand of heapwise is one file of this folder, with its flags, its help and its run, and a line that registers
// it. There is no list of them anywhere.
//
//   Subcommand HelloSubcommand() {
//     struct Flags {
//       int times = 1;
//     };
//     const auto flags = std::make_shared<Flags>();
//     return {{.name = "hello",
//              .what = "Greets.",
//              .example = "heapwise hello --times=2",
//              .flags = {{"times", &flags->times, "how often"}}},
//             90,
//             [flags](const ParsedArguments&) { ... }};
//   }
//   const Registered registered_hello(HelloSubcommand);
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_SUBCOMMAND_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_SUBCOMMAND_H_

#include <functional>
#include <string>
#include <vector>

#include "benchmarks/runner/cmd/arguments.h"

namespace heapwise::runner {

struct Subcommand {
  Usage usage;
  int place;  // where lists have it: the least comes first
  // Does it, with standard output and standard error for what it says, and returns the exit status.
  std::function<int(const ParsedArguments&)> run;
};

// Makes a subcommand known, before main(). The program has to be linked with the whole of the library.
class Registered {
 public:
  explicit Registered(Subcommand (*make)());
};

// All that are registered, in order, their flags at their defaults.
std::vector<Subcommand> Subcommands();

// Says in one line on standard error why the command makes no sense, and returns the status for that.
int Refuse(const std::string& line);

// A flag of several subcommands.
inline constexpr char kJsonHelp[] = "print JSON instead of text for people";
inline constexpr char kSeedHelp[] =
    "the seed of the order in which variants run (default: a new one, printed and stored)";

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_SUBCOMMAND_H_
