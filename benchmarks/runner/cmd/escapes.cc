#include "benchmarks/runner/cmd/escapes.h"

#include <algorithm>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/base/temporary_directory.h"
#include "benchmarks/runner/cmd/places.h"
#include "benchmarks/runner/cmd/subcommand.h"
#include "benchmarks/runner/escapes/escape_build.h"
#include "benchmarks/runner/escapes/escape_flags.h"
#include "benchmarks/runner/escapes/escape_object.h"
#include "benchmarks/runner/escapes/escape_report.h"
#include "benchmarks/runner/format/lesson_file.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

bool HasExtension(const fs::path& file, std::initializer_list<const char*> extensions) {
  return std::find(extensions.begin(), extensions.end(), file.extension()) != extensions.end();
}

// What g++ and clang++ take for C++.
bool IsSource(const fs::path& file) {
  return HasExtension(file, {".cc", ".cp", ".cpp", ".CPP", ".cxx", ".c++", ".C", ".ii"});
}

bool IsHeader(const fs::path& file) {
  return HasExtension(file, {".h", ".hh", ".hp", ".hpp", ".HPP", ".hxx", ".h++", ".H", ".inc",
                             ".inl", ".ipp", ".tcc", ".tpp"});
}

// What the lesson consists of; measuring it, testing it and the exercise are apart (cmake/lesson.cmake).
std::vector<fs::path> LessonSources(const fs::path& directory) {
  std::vector<fs::path> sources;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const fs::path name = entry.path().filename();
    if (name.extension() != ".cc" || name == "bench.cc" || name == "test.cc" ||
        name == "exercise.cc" || name == "exercise_solution.cc") {
      continue;
    }
    sources.push_back(entry.path());
  }
  // As pages show them: slow, then fast, then the rest by name.
  std::sort(sources.begin(), sources.end(), [](const fs::path& a, const fs::path& b) {
    const auto rank = [](const fs::path& path) {
      return path.filename() == "slow.cc" ? 0 : path.filename() == "fast.cc" ? 1 : 2;
    };
    return std::pair(rank(a), a) < std::pair(rank(b), b);
  });
  return sources;
}

struct Source {
  fs::path file;
  std::string shown;
};

absl::StatusOr<std::vector<Source>> FindSources(const EscapesOptions& options) {
  const fs::path typed = options.typed;
  std::error_code error;
  if (fs::is_regular_file(typed, error)) {
    if (IsHeader(typed)) {
      return absl::InvalidArgumentError(options.typed +
                                        ": is a header: its functions become code in the files "
                                        "that use them; ask for one of these");
    }
    if (!IsSource(typed)) {
      return absl::InvalidArgumentError(options.typed +
                                        ": is no C++ source file (.cc, .cpp, .cxx, .c++ or .C)");
    }
    return std::vector<Source>{{fs::absolute(typed), options.typed}};
  }
  std::string name = options.typed;
  if (fs::is_regular_file(typed / "lesson.json", error)) {
    name = (typed / "").parent_path().filename().string();  // lessons/05-value-return/
  } else if (fs::is_directory(typed, error)) {
    return absl::InvalidArgumentError(options.typed + ": is a directory, and no lesson's");
  } else if (IsSource(typed) || IsHeader(typed) || options.typed.find('/') != std::string::npos) {
    return absl::NotFoundError(options.typed + ": there is no such file");
  }
  const absl::StatusOr<std::string> lesson = ResolveLesson(LessonNames(options.root), name);
  if (!lesson.ok()) return lesson.status();
  std::vector<Source> sources;
  for (const fs::path& file : LessonSources(options.root / "lessons" / *lesson)) {
    sources.push_back({file, DisplayPath(file, fs::current_path())});
  }
  return sources;
}

struct FileReport {
  EscapeFlags flags;
  std::string compiler;
  std::vector<EscapeSite> sites;
};

absl::StatusOr<FileReport> Report(const EscapeCompiler& compiler, const EscapesOptions& options,
                                  const fs::path& file) {
  const absl::StatusOr<EscapeFlags> flags = FindFlags(options.root, file, options.flags);
  if (!flags.ok()) return flags.status();
  const absl::StatusOr<TemporaryDirectory> directory = TemporaryDirectory::Make();
  if (!directory.ok()) return directory.status();
  const absl::StatusOr<EscapeObjects> objects =
      CompileTwice(compiler, *flags, options.root, file, directory->path());
  if (!objects.ok()) return objects.status();
  const absl::StatusOr<ObjectCalls> built = ReadObject(objects->built);
  if (!built.ok()) return built.status();
  const absl::StatusOr<ObjectCalls> kept = ReadObject(objects->kept);
  if (!kept.ok()) return kept.status();
  return FileReport{
      *flags, built->compiler,
      FindEscapes(*built, *kept, file.lexically_normal().string(), objects->included)};
}

}  // namespace

int RunEscapes(const EscapesOptions& options, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<EscapeCompiler> compiler = FindCompiler(options.compiler);
  if (!compiler.ok()) {
    err << compiler.status().message() << "\n";
    return kExitUsage;
  }
  const absl::StatusOr<std::vector<Source>> sources = FindSources(options);
  if (!sources.ok()) {
    err << sources.status().message() << "\n";
    return kExitUsage;
  }
  const Interrupt interrupt;
  int status = kExitOk;
  std::string limits;
  Json array = Json::array();
  for (const Source& source : *sources) {
    const absl::StatusOr<FileReport> report = Report(*compiler, options, source.file);
    if (absl::IsCancelled(report.status())) return kExitInterrupted;
    if (absl::IsInvalidArgument(report.status())) {
      err << report.status().message() << "\n";
      return kExitUsage;
    }
    if (absl::IsFailedPrecondition(report.status())) {
      err << source.shown << ": does not compile with " << compiler->name
          << " (flags for it go behind --):\n";
    }
    if (!report.ok()) {
      err << report.status().message() << "\n";
      status = kExitFailed;
      continue;
    }
    const EscapeFlags& flags = report->flags;
    if (!options.json && !flags.from.empty()) {
      out << source.shown << ": compiled with " << absl::StrJoin(flags.flags, " ") << " ("
          << flags.from << ")\n";
    }
    for (const EscapeSite& site : report->sites) {
      const std::string shown =
          site.file.empty() ? source.shown : DisplayPath(site.file, fs::current_path());
      if (options.json) {
        array.push_back(EscapeToJson(shown, site));
      } else {
        out << EscapeLine(shown, site) << "\n";
      }
    }
    if (!options.json && report->sites.empty())
      out << source.shown << ": allocates nothing itself\n";
    limits = EscapeLimits(report->compiler, OptimisationLevel(flags.flags));
  }
  if (options.json) {
    out << ToText(array);
  } else if (!limits.empty()) {
    out << "\n" << limits;
  }
  return status;
}

namespace {

Subcommand EscapesSubcommand() {
  struct Flags {
    bool json = false;
    std::string compiler = "g++";
    PlaceFlags places;
  };
  const auto flags = std::make_shared<Flags>();
  return {
      {.name = "escapes",
       .arguments = "FILE|LESSON [--json] [--compiler=g++|clang++] [-- FLAG...]",
       .what = "Tells which allocations of a source file, or of a lesson's, the optimiser leaves.",
       .more =
           "The counterpart of go build -gcflags=-m. The file is compiled twice, once with every "
           "allocation kept: a call that only this one has does not escape. A line names file, "
           "line and column, in brackets the function, and behind 'via' the library's function "
           "that allocates. The flags are those of the nearest compile_commands.json, in the "
           "file's directory or above it, also in build/; else -std=c++20 -O2 -g -DNDEBUG, which "
           "this project's own files always have. FLAGs of the compiler behind -- come after them "
           "and win. CXXFLAGS is not read. Status: 0 when all was reported, 1 when a file does not "
           "compile, 2 for no such file, lesson or compiler, or flags that make no sense.",
       .example = "heapwise escapes src/parser.cc -- -Iinclude -std=c++17 -O3",
       .flags = {{"json", &flags->json, kJsonHelp},
                 {"compiler", &flags->compiler, "g++ (the default) or clang++"},
                 RootFlag(flags->places)},
       .most_arguments = 1,
       .takes_rest = true},
      50,
      [flags](const ParsedArguments& arguments) {
        const absl::StatusOr<Places> places = FindPlaces(flags->places);
        if (!places.ok()) return Refuse(std::string(places.status().message()));
        if (arguments.positional.empty()) {
          return Refuse(
              "heapwise escapes: of what? heapwise escapes FILE.cc, or a lesson such as 05");
        }
        EscapesOptions options;
        options.root = places->root;
        options.typed = arguments.positional[0];
        options.compiler = flags->compiler;
        options.json = flags->json;
        options.flags = arguments.rest;
        return RunEscapes(options, std::cout, std::cerr);
      }};
}
const Registered registered_escapes(EscapesSubcommand);

}  // namespace

}  // namespace heapwise::runner
