#include "benchmarks/runner/cmd/arguments.h"

#include <algorithm>
#include <utility>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "benchmarks/runner/base/terminal.h"

namespace heapwise::runner {
namespace {

bool Contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::CommandLineFlag* Find(std::string_view name) {
  return absl::FindCommandLineFlag(absl::string_view(name.data(), name.size()));
}

std::string FlagList(const Subcommand& subcommand) {
  std::string list;
  for (const std::string_view flag : subcommand.flags) {
    list += "--" + std::string(flag) + ", ";
  }
  return list + "--help";
}

}  // namespace

absl::StatusOr<ParsedArguments> ParseArguments(const Subcommand& subcommand,
                                               const std::vector<std::string_view>& may_stand_alone,
                                               const std::vector<std::string>& arguments) {
  ParsedArguments parsed;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      std::vector<std::string>& rest = subcommand.takes_rest ? parsed.rest : parsed.positional;
      rest.insert(rest.end(), arguments.begin() + i + 1, arguments.end());
      break;
    }
    if (argument == "--help" || argument == "-h") {
      parsed.help = true;
      continue;
    }
    if (!argument.starts_with("-") || argument == "-") {
      parsed.positional.push_back(argument);
      continue;
    }
    const size_t equals = std::min(argument.find('='), argument.size());
    std::string name = argument.substr(argument.starts_with("--") ? 2 : 1);
    name.resize(equals - (argument.size() - name.size()));
    std::string value;
    bool has_value = equals < argument.size();
    if (has_value) value = argument.substr(equals + 1);

    if (!has_value && name.starts_with("no") && Contains(subcommand.flags, name.substr(2)) &&
        Find(name.substr(2))->IsOfType<bool>()) {
      name = name.substr(2);
      value = "false";
      has_value = true;
    }
    if (!Contains(subcommand.flags, name)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("heapwise %s: unknown flag '%s'; there are %s",
                          std::string(subcommand.name), argument, FlagList(subcommand)));
    }
    absl::CommandLineFlag* const flag = Find(name);
    if (!has_value && flag->IsOfType<bool>()) {
      value = "true";
    } else if (!has_value && !Contains(may_stand_alone, name)) {
      if (i + 1 == arguments.size()) {
        return absl::InvalidArgumentError(absl::StrFormat("--%s: needs a value", name));
      }
      value = arguments[++i];
    }
    std::string error;
    if (!flag->ParseFrom(value, &error)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("--%s=%s: is no valid value; it means: %s", name, value, flag->Help()));
    }
    parsed.given.push_back(name);
  }
  if (subcommand.most_arguments >= 0 &&
      static_cast<int>(parsed.positional.size()) > subcommand.most_arguments) {
    return absl::InvalidArgumentError(
        absl::StrFormat("heapwise %s: one argument too many: '%s'; it takes %s",
                        std::string(subcommand.name), parsed.positional[subcommand.most_arguments],
                        subcommand.arguments.empty() ? "none" : std::string(subcommand.arguments)));
  }
  return parsed;
}

std::string HelpText(const Subcommand& subcommand) {
  constexpr int kWidth = 80;
  constexpr int kFlagIndent = 6;
  std::string text = absl::StrFormat("heapwise %s %s\n\n", std::string(subcommand.name),
                                     std::string(subcommand.arguments));
  const auto add = [&text](std::string_view paragraph, int indent) {
    for (const std::string& line : Wrap(paragraph, kWidth - indent)) {
      text += std::string(indent, ' ') + line + "\n";
    }
  };
  add(subcommand.what, 0);
  if (!subcommand.more.empty()) {
    text += "\n";
    add(subcommand.more, 0);
  }
  if (!subcommand.flags.empty()) text += "\nFlags:\n";
  for (const std::string_view name : subcommand.flags) {
    text += "  --" + std::string(name) + "\n";
    add(Find(name)->Help(), kFlagIndent);
  }
  text += "\nExample:\n  " + std::string(subcommand.example) + "\n";
  return text;
}

}  // namespace heapwise::runner
