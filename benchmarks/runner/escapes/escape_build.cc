#include "benchmarks/runner/escapes/escape_build.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/find_program.h"
#include "benchmarks/runner/base/process.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

// A large file takes minutes on a busy machine.
constexpr absl::Duration kTimeLimit = absl::Minutes(10);
constexpr size_t kShownLines = 6;

// Both at once, for a second processor to help. TMPDIR: what a killed compiler leaves behind goes with the
// directory.
constexpr char kBoth[] = R"(
dir=$1 keep=$2; cd -- "$3" || exit; shift 3
export TMPDIR="$dir" LC_ALL=C
"$@" -MD -MF "$dir/built.d" -MT o -o "$dir/built.o" 2>"$dir/built.err" & built=$!
"$@" $keep -o "$dir/kept.o" 2>"$dir/kept.err"; kept=$?
wait $built && exit $kept
)";

std::string FirstLines(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.size() > kShownLines) {
    lines.resize(kShownLines);
    lines.push_back("...");
  }
  return absl::StrJoin(lines, "\n");
}

// The files after the colon of make's rule "o: a.cc a\ b.h", as compilers write it.
std::set<std::string> Prerequisites(std::string_view rule, const fs::path& directory) {
  std::set<std::string> files;
  std::string name;
  const auto end_name = [&] {
    if (!name.empty()) files.insert((directory / name).lexically_normal().string());
    name.clear();
  };
  for (size_t i = std::min(rule.size(), rule.find(':') + 1); i < rule.size(); ++i) {
    const char next = i + 1 < rule.size() ? rule[i + 1] : '\n';
    if (rule[i] == '\\' && (next == ' ' || next == '\t' || next == '#')) {
      name += rule[++i];
    } else if (rule[i] == '$' && next == '$') {
      name += rule[++i];
    } else if (rule[i] == '\n' || rule[i] == ' ' || (rule[i] == '\\' && next == '\n')) {
      end_name();
    } else {
      name += rule[i];
    }
  }
  end_name();
  return files;
}

}  // namespace

absl::StatusOr<EscapeCompiler> FindCompiler(const std::string& name) {
  if (name != "g++" && name != "clang++") {
    return absl::InvalidArgumentError("--compiler=" + name + ": must be g++ or clang++");
  }
  if (const std::optional<fs::path> found = FindProgram(SearchPath(), name)) {
    return EscapeCompiler{name, *found};
  }
  return absl::NotFoundError(absl::StrFormat("there is no %s on PATH: apt install %s", name,
                                             name == "g++" ? "g++" : "clang"));
}

absl::StatusOr<EscapeObjects> CompileTwice(const EscapeCompiler& compiler, const EscapeFlags& flags,
                                           const fs::path& root, const fs::path& source,
                                           const fs::path& directory) {
  const bool gcc = compiler.name == "g++";
  ProcessRequest request;
  request.time_limit = kTimeLimit;
  // clang has no switch for this alone: -fno-builtin also makes it forget what strlen does.
  request.command = {
      "/bin/sh",
      "-c",
      kBoth,
      "sh",
      directory.string(),
      gcc ? "-fno-allocation-dce -fno-builtin-malloc -fno-builtin-calloc" : "-fno-builtin",
      flags.directory.string(),
      compiler.path.string()};
  request.command.insert(request.command.end(), flags.flags.begin(), flags.flags.end());
  request.command.push_back("-I" + root.string());
  // Behind the user's: what ReadObject needs, and what decides nothing about allocations.
  for (const char* flag : {"-w", "-fdiagnostics-color=never", "-g", "-gno-split-dwarf", "-gz=none",
                           "-fno-lto", "-ffunction-sections", "-fplt"}) {
    request.command.push_back(flag);
  }
  request.command.push_back(gcc ? "-fmax-errors=3" : "-ferror-limit=3");
  // These would make one call of several that stand on different lines. They decide nothing about what is
  // allocated.
  const std::vector<const char*> merging =
      gcc ? std::vector<const char*>{"-fno-ipa-icf", "-fno-tree-tail-merge", "-fno-crossjumping"}
          : std::vector<const char*>{"-mllvm", "-simplifycfg-sink-common=false",
                                     "-mllvm", "-simplifycfg-hoist-common=false",
                                     "-mllvm", "-enable-tail-merge=false"};
  request.command.insert(request.command.end(), merging.begin(), merging.end());
  request.command.insert(request.command.end(), {"-c", "-x", "c++", source.string()});

  const ProcessOutcome outcome = RunProcess(request);
  if (outcome.end == ProcessOutcome::End::kInterrupted) return absl::CancelledError("interrupted");
  if (outcome.Succeeded()) {
    const absl::StatusOr<std::string> rule = ReadFile(directory / "built.d");
    if (!rule.ok()) return rule.status();
    EscapeObjects objects = {directory / "built.o", directory / "kept.o",
                             Prerequisites(*rule, flags.directory)};
    objects.included.erase(source.lexically_normal().string());
    return objects;
  }
  std::string errors;
  for (const char* file : {"built.err", "kept.err"}) {
    const absl::StatusOr<std::string> text = ReadFile(directory / file);
    if (errors.empty() && text.ok()) errors = FirstLines(*text);
  }
  if (errors.empty()) errors = compiler.name + " " + outcome.Describe(kTimeLimit);
  return absl::FailedPreconditionError(errors);
}

}  // namespace heapwise::runner
