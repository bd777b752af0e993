#include "benchmarks/runner/cmd/arguments.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/terminal.h"

namespace heapwise::runner {
namespace {

const Flag* FindFlag(const Usage& usage, std::string_view name) {
  const auto flag = std::find_if(usage.flags.begin(), usage.flags.end(),
                                 [&](const Flag& candidate) { return candidate.name == name; });
  return flag == usage.flags.end() ? nullptr : &*flag;
}

std::string FlagList(const Usage& usage) {
  std::string list;
  for (const Flag& flag : usage.flags) list += "--" + std::string(flag.name) + ", ";
  return list + "--help";
}

}  // namespace

bool ParsedArguments::Given(std::string_view flag) const {
  return std::find(given.begin(), given.end(), flag) != given.end();
}

absl::StatusOr<ParsedArguments> ParseArguments(const Usage& usage,
                                               const std::vector<std::string>& arguments) {
  ParsedArguments parsed;
  parsed.words = {std::string(usage.name)};
  parsed.words.insert(parsed.words.end(), arguments.begin(), arguments.end());
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      std::vector<std::string>& rest = usage.takes_rest ? parsed.rest : parsed.positional;
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

    const Flag* flag = FindFlag(usage, name);
    if (!flag && !has_value && name.starts_with("no")) {
      flag = FindFlag(usage, name.substr(2));
      if (flag && !flag->is_switch) flag = nullptr;
      value = "false";
      has_value = true;
    }
    if (!flag) {
      return absl::InvalidArgumentError(
          absl::StrFormat("heapwise %s: unknown flag '%s'; there are %s", std::string(usage.name),
                          argument, FlagList(usage)));
    }
    if (!has_value && flag->is_switch) {
      value = "true";
    } else if (!has_value && !flag->may_stand_alone) {
      if (i + 1 == arguments.size()) {
        return absl::InvalidArgumentError(absl::StrFormat("--%s: needs a value", name));
      }
      value = arguments[++i];
    }
    if (!flag->set(value)) {
      return absl::InvalidArgumentError(absl::StrFormat("--%s=%s: is no valid value; it means: %s",
                                                        std::string(flag->name), value,
                                                        std::string(flag->help)));
    }
    parsed.given.emplace_back(flag->name);
  }
  if (usage.most_arguments >= 0 &&
      static_cast<int>(parsed.positional.size()) > usage.most_arguments) {
    return absl::InvalidArgumentError(
        absl::StrFormat("heapwise %s: one argument too many: '%s'; it takes %s",
                        std::string(usage.name), parsed.positional[usage.most_arguments],
                        usage.arguments.empty() ? "none" : std::string(usage.arguments)));
  }
  return parsed;
}

std::string HelpText(const Usage& usage) {
  constexpr int kWidth = 80;
  constexpr int kFlagIndent = 6;
  std::string text =
      absl::StrFormat("heapwise %s %s\n\n", std::string(usage.name), std::string(usage.arguments));
  const auto add = [&text](std::string_view paragraph, int indent) {
    for (const std::string& line : Wrap(paragraph, kWidth - indent)) {
      text += std::string(indent, ' ') + line + "\n";
    }
  };
  add(usage.what, 0);
  if (!usage.more.empty()) {
    text += "\n";
    add(usage.more, 0);
  }
  if (!usage.flags.empty()) text += "\nFlags:\n";
  for (const Flag& flag : usage.flags) {
    text += "  --" + std::string(flag.name) + "\n";
    add(flag.help, kFlagIndent);
  }
  text += "\nExample:\n  " + std::string(usage.example) + "\n";
  return text;
}

}  // namespace heapwise::runner
