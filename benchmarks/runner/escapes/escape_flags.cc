#include "benchmarks/runner/escapes/escape_flags.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/json_field.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The value is the next word.
bool TakesValue(std::string_view flag) {
  return IsOneOf(flag, {"-I",
                        "-D",
                        "-U",
                        "-include",
                        "-imacros",
                        "-isystem",
                        "-iquote",
                        "-idirafter",
                        "-isysroot",
                        "-iprefix",
                        "-iwithprefix",
                        "-B",
                        "-L",
                        "-l",
                        "-target",
                        "--target",
                        "--param",
                        "-Xclang",
                        "-arch",
                        "--sysroot",
                        "-mllvm",
                        "-cxx-isystem",
                        "-Xpreprocessor",
                        "-Xassembler",
                        "-stdlib++-isystem"});
}

// Left out together with the next word.
bool LeftOutWithValue(std::string_view flag) {
  return IsOneOf(flag, {"-o", "-x", "-MF", "-MT", "-MQ", "-MJ", "-dumpbase", "-dumpdir",
                        "-dumpbase-ext", "--serialize-diagnostics", "-include-pch"});
}

bool LeftOut(std::string_view flag) {
  if (IsOneOf(flag, {"-c", "-S", "-E", "-fsyntax-only"})) return true;
  for (const std::string_view prefix :
       {"-o", "-x", "-M", "-W", "-pedantic", "-save-temps", "--save-temps", "-fdiagnostics-",
        "-fcolor-diagnostics", "-fdump-",
        "-mcmodel=", "-fdebug-prefix-map=", "-ffile-prefix-map=", "-fdebug-compilation-dir"}) {
    if (!flag.starts_with(prefix)) continue;
    // Warnings, but not flags for the preprocessor (unless it is to write dependencies) and the assembler.
    return !flag.starts_with("-Wa,") && (!flag.starts_with("-Wp,") || flag.starts_with("-Wp,-M"));
  }
  return false;
}

struct Filtered {
  std::vector<std::string> flags;   // none without the value that it takes
  std::vector<std::string> others;  // words that are no flags
};

Filtered Filter(const std::vector<std::string>& words) {
  Filtered filtered;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") break;  // only files follow
    const bool has_next = i + 1 < words.size();
    // -Xclang -include-pch -Xclang FILE: made by another compiler, or with other flags.
    if (word == "-Xclang" && has_next && words[i + 1] == "-include-pch") {
      i = std::min(i + 3, words.size());
    } else if (LeftOutWithValue(word)) {
      ++i;
    } else if (TakesValue(word)) {
      if (!has_next) break;
      filtered.flags.insert(filtered.flags.end(), {word, words[++i]});
    } else if (!word.starts_with("-") && !word.starts_with("@")) {
      filtered.others.push_back(word);
    } else if (!LeftOut(word)) {
      filtered.flags.push_back(word);
    }
  }
  return filtered;
}

std::vector<std::string> IncludePaths(const std::vector<std::string>& flags) {
  std::vector<std::string> paths;
  for (size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] == "-I" || flags[i] == "-isystem") {
      paths.insert(paths.end(), {flags[i], flags[i + 1]});
      ++i;
    } else if (flags[i].starts_with("-I")) {
      paths.push_back(flags[i]);
    }
  }
  return paths;
}

// Include paths that are there from the current directory, made to hold in any.
std::vector<std::string> FromHere(std::vector<std::string> flags) {
  const auto absolute = [](const std::string& path) {
    std::error_code error;
    return fs::exists(path, error) ? fs::absolute(path).string() : path;
  };
  for (size_t i = 0; i < flags.size(); ++i) {
    if (flags[i].starts_with("-I") && flags[i].size() > 2) {
      flags[i] = "-I" + absolute(flags[i].substr(2));
    } else if (IsOneOf(flags[i],
                       {"-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros"})) {
      ++i;
      flags[i] = absolute(flags[i]);
    }
  }
  return flags;
}

fs::path Canonical(const fs::path& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? path.lexically_normal() : canonical;
}

bool IsBelow(const fs::path& path, const fs::path& directory) {
  const fs::path relative = path.lexically_relative(directory);
  return !relative.empty() && *relative.begin() != "..";
}

// Empty where there is none.
fs::path FindCompileCommands(const fs::path& file) {
  for (fs::path directory = file.parent_path();; directory = directory.parent_path()) {
    for (const char* name : {"compile_commands.json", "build/compile_commands.json"}) {
      std::error_code error;
      if (fs::is_regular_file(directory / name, error)) return directory / name;
    }
    if (directory == directory.parent_path()) return "";
  }
}

struct Command {
  fs::path directory;
  std::vector<std::string> words;
};

// What `database` has for `file`: no words where it does not know it.
absl::StatusOr<Command> FindCommand(const fs::path& database, const fs::path& file) {
  const auto unusable = [&](const std::string& why) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: %s", DisplayPath(database, fs::current_path()), why));
  };
  const absl::StatusOr<std::string> text = ReadFile(database);
  if (!text.ok()) return text.status();
  const Json entries = Json::parse(*text, nullptr, false);
  if (!entries.is_array()) return unusable("is no JSON array of compile commands");
  const fs::path wanted = Canonical(file);
  for (size_t i = 0; i < entries.size(); ++i) {
    const Json& entry = entries[i];
    const auto is_string = [&](const char* key) {
      return entry.is_object() && entry.contains(key) && entry[key].is_string();
    };
    if (!is_string("file")) return unusable(absl::StrFormat("[%d].file: must be a string", i));
    if (!is_string("directory")) {
      return unusable(absl::StrFormat("[%d].directory: must be a string", i));
    }
    const fs::path directory = database.parent_path() / entry["directory"].get<std::string>();
    if (Canonical(directory / entry["file"].get<std::string>()) != wanted) continue;
    Command command = {directory, {}};
    if (is_string("command")) {
      command.words = SplitCommand(entry["command"].get<std::string>());
    } else if (entry.contains("arguments") && entry["arguments"].is_array()) {
      for (const Json& word : entry["arguments"]) {
        if (word.is_string()) command.words.push_back(word);
      }
    }
    if (command.words.empty()) {
      return unusable(absl::StrFormat("[%d]: must have a command or arguments", i));
    }
    std::error_code error;
    if (!fs::is_directory(directory, error)) {
      return unusable(absl::StrFormat("[%d].directory: there is no %s", i, directory.string()));
    }
    return command;
  }
  return Command{};
}

}  // namespace

std::vector<std::string> ProjectFlags() {
  std::vector<std::string> flags = {"-std=c++20", "-O2", "-g", "-DNDEBUG"};
  // What pkg-config told of bdwgc when this program was built: nothing on Debian.
  for (const absl::string_view flag :
       absl::StrSplit(HEAPWISE_BDWGC_CFLAGS, ' ', absl::SkipEmpty())) {
    flags.emplace_back(flag);
  }
  return flags;
}

absl::StatusOr<EscapeFlags> FindFlags(const fs::path& root, const fs::path& file,
                                      const std::vector<std::string>& more) {
  EscapeFlags found = {ProjectFlags(), fs::current_path(), ""};
  const fs::path database = FindCompileCommands(file);
  if (!database.empty()) {
    const absl::StatusOr<Command> command = FindCommand(database, file);
    if (!command.ok()) return command.status();
    const bool own = IsBelow(Canonical(file), Canonical(root));
    const std::string shown = DisplayPath(database, fs::current_path());
    const std::vector<std::string> flags = Filter(command->words).flags;
    if (!command->words.empty()) found.directory = command->directory;
    if (own) {
      const std::vector<std::string> paths = IncludePaths(flags);
      found.flags.insert(found.flags.end(), paths.begin(), paths.end());
    } else if (command->words.empty()) {
      found.from = "the defaults: " + shown + " does not have the file";
    } else {
      found.flags = flags;
      found.flags.insert(found.flags.begin(), "-O2");
      found.from = shown;
    }
  }
  if (!more.empty()) {
    Filtered filtered = Filter(more);
    if (!filtered.others.empty()) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "'%s' behind -- is no flag for the compiler, such as -Iinclude or -DNAME=1",
          filtered.others[0]));
    }
    for (std::string& flag : FromHere(std::move(filtered.flags))) found.flags.push_back(flag);
    found.from = found.from.empty() ? "the defaults" : found.from;
    found.from += ", then those behind --";
  }
  return found;
}

std::string OptimisationLevel(const std::vector<std::string>& flags) {
  std::string level = "-O0";
  for (const std::string& flag : flags) {
    if (flag.starts_with("-O")) level = flag;
  }
  return level;
}

std::vector<std::string> SplitCommand(std::string_view command) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < command.size(); ++i) {
    char c = command[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      // Between double quotes a backslash stands for itself but before these.
      const bool escapes = c == '\\' && i + 1 < command.size() && quote != '\'' &&
                           (quote == 0 || command[i + 1] == '"' || command[i + 1] == '\\' ||
                            command[i + 1] == '$' || command[i + 1] == '`');
      if (escapes) c = command[++i];
      words.back() += c;
    }
  }
  return words;
}

}  // namespace heapwise::runner
