// The command line: `heapwise SUBCOMMAND [--flag=value]... [argument]...`. The flags are Abseil flags; each
// subcommand takes its own few of them and refuses the others by name.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_ARGUMENTS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_ARGUMENTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace heapwise::runner {

struct Subcommand {
  std::string_view name;
  std::string_view arguments;  // as usage shows them: "[LESSON...]"
  std::string_view what;       // one line
  std::string_view more;       // what else --help says; may be empty
  std::string_view example;
  std::vector<std::string_view> flags;  // Abseil flags by name
  int most_arguments;                   // negative: any number
  bool takes_rest = false;              // whether "--" and words for another program may follow
};

// What a subcommand is given, beside the values that its flags hold now.
struct ParsedArguments {
  bool help = false;
  std::vector<std::string> given;       // names of the flags that were given
  std::vector<std::string> positional;  // everything else
  std::vector<std::string> rest;        // the words behind "--"
};

// Sets the flags from `arguments` (those behind the subcommand). --name=value, --name value, and for
// booleans --name and --noname; a flag in `may_stand_alone` needs no value and takes one only with "=". Behind -- nothing is a flag.
// An error is one line that names what would be right.
absl::StatusOr<ParsedArguments> ParseArguments(const Subcommand& subcommand,
                                               const std::vector<std::string_view>& may_stand_alone,
                                               const std::vector<std::string>& arguments);

// What `heapwise NAME --help` prints, at most 80 columns wide.
std::string HelpText(const Subcommand& subcommand);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_ARGUMENTS_H_
