// The command line: `heapwise SUBCOMMAND [--flag=value]... [argument]...`. Each subcommand has flags of its own, and
// refuses any other by name. Values are read as Abseil reads those of its flags.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_ARGUMENTS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_ARGUMENTS_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/flags/marshalling.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace heapwise::runner {

// Reads a value into where a flag keeps it. False where the text is none.
template <class T>
bool ParseValue(std::string_view text, T& value) {
  std::string error;
  return absl::ParseFlag(absl::string_view(text.data(), text.size()), &value, &error);
}
template <class T>
bool ParseValue(std::string_view text, std::optional<T>& value) {
  return ParseValue(text, value.emplace());
}

// A flag: what it is called, where its value goes, what --help says of it.
struct Flag {
  // `value` outlives the flag. What it holds before is the default; an optional stays empty where the flag is not given.
  template <class T>
  Flag(std::string_view flag_name, T* value, std::string_view flag_help)
      : name(flag_name),
        help(flag_help),
        set([value](std::string_view text) { return ParseValue(text, *value); }),
        is_switch(std::is_same_v<T, bool>) {}

  // The same flag, but that it needs no value, and takes one only behind "=".
  Flag MayStandAlone() && {
    may_stand_alone = true;
    return std::move(*this);
  }

  std::string_view name;
  std::string_view help;
  std::function<bool(std::string_view)> set;
  bool is_switch;  // --name and --noname suffice
  bool may_stand_alone = false;
};

// What a subcommand takes.
struct Usage {
  std::string_view name;
  std::string_view arguments = "";  // as usage shows them: "[LESSON...]"
  std::string_view what;            // one line
  std::string_view more = "";       // what else --help says; may be empty
  std::string_view example;
  std::vector<Flag> flags = {};
  int most_arguments = 0;   // negative: any number
  bool takes_rest = false;  // whether "--" and words for another program may follow
};

// What a subcommand is given, beside the values of its flags.
struct ParsedArguments {
  bool help = false;
  std::vector<std::string> given;       // names of the flags that were given
  std::vector<std::string> positional;  // everything else
  std::vector<std::string> rest;        // the words behind "--"
  std::vector<std::string> words;       // all of it as it was typed, the subcommand's name first

  bool Given(std::string_view flag) const;
};

// Sets the flags from `arguments` (those behind the subcommand's name). --name=value, --name value, and for switches
// --name and --noname. Behind -- nothing is a flag. An error is one line that names what would be right.
absl::StatusOr<ParsedArguments> ParseArguments(const Usage& usage,
                                               const std::vector<std::string>& arguments);

// What `heapwise NAME --help` prints, at most 80 columns wide.
std::string HelpText(const Usage& usage);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_ARGUMENTS_H_
