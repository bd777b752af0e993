#include "benchmarks/runner/cmd/places.h"

#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/root.h"
#include "benchmarks/runner/base/terminal.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

// The path from the root of the file system; as it is where this process's directory has been removed.
fs::path Absolute(const fs::path& path) {
  return (path.is_absolute() ? path : CurrentDirectory() / path).lexically_normal();
}

}  // namespace

Flag RootFlag(PlaceFlags& places) {
  return {"root", &places.root,
          "the source tree, which holds lessons/ (default: the nearest above this program or the "
          "current directory)"};
}

Flag ProgramsFlag(PlaceFlags& places) {
  return {"programs", &places.programs,
          "the directory of the lesson programs (default: that of this program)"};
}

Flag ResultsFlag(PlaceFlags& places) {
  return {"results", &places.results, "the directory of the runs (default: results/ in the root)"};
}

absl::StatusOr<Places> FindPlaces(const PlaceFlags& flags) {
  Places places;
  const fs::path executable = ExecutablePath();
  places.root = flags.root;
  if (places.root.empty()) {
    const absl::StatusOr<fs::path> root = FindRoot(executable, CurrentDirectory());
    if (!root.ok()) return root.status();
    places.root = *root;
  }
  std::error_code error;
  if (!fs::is_directory(places.root / "lessons", error)) {
    return absl::NotFoundError(
        absl::StrFormat("--root=%s: there is no lessons/ in it", places.root.string()));
  }
  places.root = Absolute(places.root);
  places.programs = flags.programs;
  if (places.programs.empty()) places.programs = executable.parent_path();
  if (!places.programs.empty()) places.programs = Absolute(places.programs);
  const fs::path results =
      flags.results.empty() ? places.root / "results" : fs::path(flags.results);
  places.results = DisplayPath(Absolute(results), CurrentDirectory());
  return places;
}

std::string NoPrograms(const Places& places) {
  if (!places.programs.empty()) return "";
  return "where this program lies cannot be told (is /proc mounted? `heapwise doctor`); name the "
         "directory of the lesson programs with --programs=DIR";
}

std::string RecordedProgram(const fs::path& root) {
  const fs::path relative = ExecutablePath().lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..") return "heapwise";
  return ShellWord(relative.string());
}

std::string ProgramHere() {
  const fs::path executable = ExecutablePath();
  if (executable.empty()) return "heapwise";
  return ShellWord(DisplayPath(Absolute(executable), CurrentDirectory()));
}

std::string RecordedCommand(const fs::path& root, const std::vector<std::string>& words) {
  std::string command = RecordedProgram(root);
  for (const std::string& word : words) command += " " + ShellWord(word);
  return command;
}

}  // namespace heapwise::runner
