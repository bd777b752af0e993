#include "benchmarks/runner/peers/peers_go.h"

#include <algorithm>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/find_program.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kVersionLimit = absl::Seconds(10);
// The first build may compile Go's library
constexpr absl::Duration kBuildLimit = absl::Minutes(3);

std::optional<GoToolchain> Ask(const fs::path& program) {
  ProcessRequest request;
  request.command = {program.string(), "version"};
  request.environment = {{"GOTOOLCHAIN", "local"}};
  request.time_limit = kVersionLimit;
  const ProcessOutcome outcome = RunProcess(request);
  absl::string_view answer = absl::StripTrailingAsciiWhitespace(outcome.output);
  if (!outcome.Succeeded() || !absl::ConsumePrefix(&answer, "go version ")) return std::nullopt;
  return GoToolchain{program, std::string(answer)};
}

// "go1.24.1 linux/amd64" is 1, 24, 1. A release candidate counts as its release, a version without numbers
// ("devel ...") as older than all.
std::vector<int> NumbersOf(std::string_view version) {
  std::vector<int> numbers;
  size_t at = std::min(version.find("go1"), version.size());
  while (at < version.size() && version[at] != ' ') {
    if (!absl::ascii_isdigit(version[at])) {
      if (version[at] != '.' && !numbers.empty()) break;
      ++at;
      continue;
    }
    size_t end = at;
    while (end < version.size() && absl::ascii_isdigit(version[end])) ++end;
    int number = 0;
    if (!absl::SimpleAtoi(std::string(version.substr(at, end - at)), &number)) break;
    numbers.push_back(number);
    at = end;
  }
  return numbers;
}

}  // namespace

bool GoToolchain::IsCurrent() const { return NumbersOf(version) >= std::vector<int>{1, 24}; }

std::optional<GoToolchain> FindGo(std::string_view path, const fs::path& root) {
  std::vector<fs::path> candidates = FindPrograms(path, "go");
  for (const fs::path& entry : EntriesOf(root / "usr/lib")) {
    if (absl::StartsWith(entry.filename().string(), "go-")) candidates.push_back(entry / "bin/go");
  }
  candidates.push_back(root / "usr/local/go/bin/go");
  std::optional<GoToolchain> newest;
  for (const fs::path& candidate : candidates) {
    if (!IsProgram(candidate)) continue;
    const std::optional<GoToolchain> go = Ask(candidate);
    if (go && (!newest || NumbersOf(newest->version) < NumbersOf(go->version))) newest = go;
  }
  return newest;
}

absl::Status BuildGoProgram(const GoToolchain& go, const fs::path& source, const fs::path& program,
                            const fs::path& directory) {
  std::error_code error;
  const fs::file_time_type written = fs::last_write_time(source, error);
  if (error) {
    return absl::NotFoundError(
        absl::StrFormat("%s: cannot read: %s", source.string(), error.message()));
  }
  const fs::file_time_type built = fs::last_write_time(program, error);
  const fs::path built_by = program.string() + ".built-by";
  if (!error && built > written && ReadFile(built_by).value_or("") == go.version) {
    return absl::OkStatus();
  }
  fs::create_directories(directory, error);
  fs::remove(built_by, error);
  ProcessRequest request;
  request.command = {go.program.string(), "build", "-o", program.string(), source.string()};
  request.environment = {{"GOFLAGS", "-mod=mod"},
                         {"GO111MODULE", "off"},
                         {"GOTOOLCHAIN", "local"},
                         {"GOPROXY", "off"},
                         {"CGO_ENABLED", "0"},
                         {"GOCACHE", directory / "go-cache"},
                         {"GOPATH", directory / "go-path"}};
  request.time_limit = kBuildLimit;
  const ProcessOutcome outcome = RunProcess(request);
  if (outcome.Succeeded()) return WriteFile(built_by, go.version);
  const std::vector<std::string> lines =
      absl::StrSplit(outcome.output, '\n', absl::SkipWhitespace());
  return absl::InternalError(absl::StrFormat("%s: go build %s%s", source.filename().string(),
                                             outcome.Describe(request.time_limit),
                                             lines.empty() ? "" : ": " + lines.back()));
}

}  // namespace heapwise::runner
