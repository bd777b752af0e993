// heapwise: measures the lessons and judges their claims. `heapwise --help` lists the subcommands.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/machine.h"
#include "benchmarks/runner/base/root.h"
#include "benchmarks/runner/base/terminal.h"
#include "benchmarks/runner/cmd/arguments.h"
#include "benchmarks/runner/cmd/bench.h"
#include "benchmarks/runner/cmd/commands.h"
#include "benchmarks/runner/cmd/compare.h"
#include "benchmarks/runner/cmd/doctor.h"
#include "benchmarks/runner/cmd/escapes.h"
#include "benchmarks/runner/cmd/manifest.h"
#include "benchmarks/runner/cmd/peers.h"
#include "benchmarks/runner/format/results.h"

ABSL_FLAG(std::string, root, "",
          "the source tree, which holds lessons/ (default: the nearest above this program or the "
          "current directory)");
ABSL_FLAG(std::string, programs, "",
          "the directory of the lesson programs (default: that of this program)");
ABSL_FLAG(std::string, results, "", "the directory of the runs (default: results/ in the root)");
ABSL_FLAG(bool, json, false, "print JSON instead of text for people");
ABSL_FLAG(bool, quick, false,
          "the quick mode: fewest blocks, shortest measurements, without the variants that are "
          "marked as slow ones; the same as --mode=quick");
ABSL_FLAG(std::string, mode, "bench",
          "quick, bench (the default) or lesson: how long to measure; lesson is bench with a "
          "budget for use in front of a class");
ABSL_FLAG(uint64_t, seed, 0,
          "the seed of the order in which variants run (default: a new one, printed and stored)");
ABSL_FLAG(absl::Duration, budget, absl::ZeroDuration(),
          "the time for each lesson; the fewest blocks are measured however long they take. Such "
          "as 15s (the default of "
          "bench) or 6s (of lesson)");
ABSL_FLAG(absl::Duration, min_time, absl::ZeroDuration(),
          "how long a variant is measured in each block, such as 20ms (the default; quick: 5ms)");
ABSL_FLAG(
    int, blocks, 0,
    "bench: the fewest blocks, from 10 to 100 (default: 12); peers: the blocks, from 1 to 100 "
    "(default: 6, the fewest that give a ratio an interval)");
ABSL_FLAG(
    std::string, only, "",
    "the groups to measure, a list of trees, limits, allocation, pool and profiler (default: all)");
ABSL_FLAG(absl::Duration, lesson_timeout, absl::ZeroDuration(),
          "after how long a lesson's process is killed (default: 60s)");
ABSL_FLAG(std::string, resume, "",
          "go on with the newest interrupted or failed run, or with --resume=RUN: a name under "
          "results/ or a path; its own lessons, mode, settings and seed are used");
ABSL_FLAG(std::string, run_file, "",
          "a file to write the path of the run's directory to, a line, as soon as there is one: "
          "for scripts that show the run");
ABSL_FLAG(std::string, container, "",
          "the container's memory, a quantity as Kubernetes writes it: 512Mi, 1.5Gi, 500M");
ABSL_FLAG(std::string, headroom, "10%",
          "the share of the container that is left free for what the collector does not count: "
          "10% (the default), 12.5%");
ABSL_FLAG(std::string, compiler, "g++", "g++ (the default) or clang++");

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

const std::vector<Subcommand>& Subcommands() {
  static const auto* const subcommands = new std::vector<Subcommand>{
      {"list",
       "[--json]",
       "Lists the lessons: number, title, pattern, minutes, claims.",
       "",
       "heapwise list",
       {"json", "root"},
       0},
      {"bench",
       "[LESSON...]",
       "Measures lessons (all, or those named by number, name or a part of one) and judges their "
       "claims.",
       "Status: 0 when all were measured, 1 when one failed or a file could not be written, 2 when "
       "the command makes no sense or another process measures into the same results, 130 after "
       "Ctrl-C, which keeps what was measured. The lesson "
       "programs do not see GOGC, GOMEMLIMIT, GODEBUG, GC_* and BENCHMARK_* of your environment.",
       "heapwise bench 05 buffer-pool --mode=lesson",
       {"quick", "mode", "seed", "budget", "min_time", "blocks", "lesson_timeout", "resume",
        "run_file", "results", "root", "programs"},
       -1},
      {"verdicts",
       "[RUN] [--json]",
       "Judges a recorded run's claims again from its raw blocks; RUN is a name under results/ or "
       "a "
       "path (default: latest).",
       "Status: 0, 1 when a lesson was left out because its file is broken or there is no such "
       "lesson any more, 2 when there is no such run.",
       "heapwise verdicts reference --json",
       {"json", "results", "root"},
       1},
      {"compare",
       "RUN_A RUN_B",
       "Tells what changed from one recorded run to another beyond the noise.",
       "Status: 0, 1 when a lesson was left out because its file is broken, 2 when there is no "
       "such run.",
       "heapwise compare reference latest",
       {"results", "root"},
       2},
      {"escapes",
       "FILE|LESSON [--json] [--compiler=g++|clang++] [-- FLAG...]",
       "Tells which allocations of a source file, or of a lesson's, the optimiser leaves.",
       "The counterpart of go build -gcflags=-m. The file is compiled twice, once with every "
       "allocation kept: a call that only this one has does not escape. A "
       "line names file, line and column, in brackets the function, and behind 'via' the library's "
       "function that allocates. The flags are those of the nearest compile_commands.json, in the "
       "file's directory or above it, also in build/; else -std=c++20 -O2 -g -DNDEBUG, which this "
       "project's own files always have. FLAGs of the compiler behind -- come after them and win. "
       "CXXFLAGS is not "
       "read. Status: 0 when all was reported, 1 when a file does not compile, "
       "2 for no such file, lesson or compiler, or flags that make no sense.",
       "heapwise escapes src/parser.cc -- -Iinclude -std=c++17 -O3",
       {"json", "compiler", "root"},
       1,
       true},
      {"peers",
       "",
       "Runs the same work with our runtime, with bdwgc alone and with Go, and shows all side by "
       "side.",
       "Binary trees under GOGC and GOMEMLIMIT, the allocation of one object, pools, the heap "
       "profiler. All programs "
       "run once a block, in shuffled order; the samples go to peers.json among the results. "
       "Without "
       "a Go toolchain Go's columns are left out. Takes about 10 minutes. Status: 0 when all was "
       "measured, 1 when a program failed or the file could not be written, 2 when the command "
       "makes "
       "no sense, 130 after Ctrl-C, which shows what was measured.",
       "heapwise peers --only=allocation,pool",
       {"blocks", "only", "seed", "results", "root", "programs"},
       0},
      {"manifest",
       "--container=SIZE [--headroom=SHARE]",
       "Prints a Kubernetes manifest whose GOMEMLIMIT leaves headroom in the container.",
       "GOMEMLIMIT is the container less the headroom, rounded down to what Go reads. How much "
       "headroom a service needs is measured, not known: lesson 12. Status: 0, 2 when the size or "
       "the share makes no sense.",
       "heapwise manifest --container=512Mi --headroom=12%",
       {"container", "headroom"},
       0},
      {"doctor",
       "",
       "Tells what on this machine makes measurements worse and what it lacks, each with what to "
       "do.",
       "",
       "heapwise doctor",
       {},
       0},
  };
  return *subcommands;
}

std::string Overview() {
  std::string text =
      "heapwise SUBCOMMAND [FLAG...]: measures the lessons and judges their claims.\n\n";
  for (const Subcommand& subcommand : Subcommands()) {
    bool first = true;
    for (const std::string& line : Wrap(subcommand.what, 68)) {
      text += absl::StrFormat("  %-9s %s\n", first ? std::string(subcommand.name) : "", line);
      first = false;
    }
  }
  return text +
         "\nheapwise SUBCOMMAND --help tells its flags, heapwise --version how it was built.\n";
}

std::string VersionLine() {
  const BuildFacts build = CompiledBuild();
  return absl::StrFormat("heapwise %s (%s, %s `%s`, Google Benchmark %s, bdwgc %s)\n",
                         HEAPWISE_VERSION, build.compiler, build.build_type, build.flags,
                         build.benchmark, build.bdwgc);
}

int Refuse(const std::string& line) {
  std::cerr << line << "\n";
  return kExitUsage;
}

// The path from the root of the file system; as it is where this process's directory has been removed.
fs::path Absolute(const fs::path& path) {
  return (path.is_absolute() ? path : CurrentDirectory() / path).lexically_normal();
}

// A path as the user would type it here.
fs::path Shown(const fs::path& path) { return DisplayPath(Absolute(path), CurrentDirectory()); }

// The absolute paths of what a subcommand works on.
struct Places {
  fs::path root;
  fs::path programs;  // empty where it is not known where this program lies
  fs::path results;
};

absl::StatusOr<Places> FindPlaces() {
  Places places;
  const fs::path executable = ExecutablePath();
  places.root = absl::GetFlag(FLAGS_root);
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
  places.programs = absl::GetFlag(FLAGS_programs);
  if (places.programs.empty()) places.programs = executable.parent_path();
  if (!places.programs.empty()) places.programs = Absolute(places.programs);
  places.results = absl::GetFlag(FLAGS_results);
  if (places.results.empty()) places.results = places.root / "results";
  return places;
}

// Why nothing can be measured with these places, as a line; empty where something can.
std::string NoPrograms(const Places& places) {
  if (!places.programs.empty()) return "";
  return "where this program lies cannot be told (is /proc mounted? `heapwise doctor`); name the "
         "directory of the lesson programs with --programs=DIR";
}

// This program as the record names it: relative to the tree that it belongs to, so that the command can be
// typed there by anyone.
std::string ProgramName(const fs::path& root) {
  const fs::path relative = ExecutablePath().lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..") return "heapwise";
  return relative.string();
}

// The same as the user would type it here.
std::string ProgramHere() {
  const fs::path executable = ExecutablePath();
  return executable.empty() ? "heapwise" : ShellWord(Shown(executable).string());
}

// The command line as the record has it.
std::string RecordedCommand(const fs::path& root, const std::vector<std::string>& words) {
  std::string command = ShellWord(ProgramName(root));
  for (const std::string& word : words) command += " " + ShellWord(word);
  return command;
}

bool Given(const ParsedArguments& arguments, std::string_view flag) {
  return std::find(arguments.given.begin(), arguments.given.end(), flag) != arguments.given.end();
}

template <class T>
std::optional<T> IfGiven(const ParsedArguments& arguments, const absl::Flag<T>& flag) {
  const std::string name(absl::GetFlagReflectionHandle(flag).Name());
  return Given(arguments, name) ? std::optional<T>(absl::GetFlag(flag)) : std::nullopt;
}

int Bench(const ParsedArguments& arguments, const Places& places,
          const std::vector<std::string>& words) {
  if (const std::string why = NoPrograms(places); !why.empty()) return Refuse(why);
  BenchOptions options;
  options.root = places.root;
  options.programs = places.programs;
  options.results = Shown(places.results);
  options.lessons = arguments.positional;
  options.mode = absl::GetFlag(FLAGS_mode);
  if (options.mode != "quick" && options.mode != "bench" && options.mode != "lesson") {
    return Refuse("--mode=" + options.mode + ": must be quick, bench or lesson");
  }
  if (absl::GetFlag(FLAGS_quick)) {
    if (Given(arguments, "mode") && options.mode != "quick") {
      return Refuse("--quick and --mode=" + options.mode + " contradict each other");
    }
    options.mode = "quick";
  }
  options.seed = IfGiven(arguments, FLAGS_seed);
  options.budget = IfGiven(arguments, FLAGS_budget);
  options.min_time = IfGiven(arguments, FLAGS_min_time);
  options.blocks = IfGiven(arguments, FLAGS_blocks);
  options.lesson_timeout = IfGiven(arguments, FLAGS_lesson_timeout);
  options.resume = IfGiven(arguments, FLAGS_resume);
  if (options.resume) {
    if (!options.lessons.empty()) {
      return Refuse("--resume goes on with the lessons of its run; leave out '" +
                    options.lessons.front() + "' (or write --resume=RUN)");
    }
    for (const char* flag :
         {"quick", "mode", "seed", "budget", "min_time", "blocks", "lesson_timeout"}) {
      if (Given(arguments, flag)) {
        return Refuse(
            absl::StrFormat("--resume goes on with the settings of its run; leave out --%s", flag));
      }
    }
  }
  options.program = ShellWord(ProgramName(places.root));
  options.program_here = ProgramHere();
  options.command = RecordedCommand(places.root, words);
  for (const auto* flag : {&FLAGS_results, &FLAGS_root, &FLAGS_programs}) {
    const std::string name(absl::GetFlagReflectionHandle(*flag).Name());
    if (Given(arguments, name)) {
      options.place_flags += " --" + name + "=" + ShellWord(absl::GetFlag(*flag));
    }
  }
  options.run_file = absl::GetFlag(FLAGS_run_file);
  options.out_terminal = InspectTerminal(STDOUT_FILENO);
  options.err_terminal = InspectTerminal(STDERR_FILENO);
  return RunBench(options, std::cout, std::cerr);
}

int Verdicts(const ParsedArguments& arguments, const Places& places) {
  const std::string typed = arguments.positional.empty() ? "latest" : arguments.positional[0];
  const absl::StatusOr<fs::path> run = FindRun(Shown(places.results), typed);
  if (!run.ok()) return Refuse(std::string(run.status().message()));
  return RunVerdicts(places.root, *run, absl::GetFlag(FLAGS_json), InspectTerminal(STDOUT_FILENO),
                     std::cout, std::cerr);
}

int Compare(const ParsedArguments& arguments, const Places& places) {
  if (arguments.positional.size() != 2) {
    return Refuse("heapwise compare: needs two runs: heapwise compare RUN_A RUN_B");
  }
  std::vector<fs::path> runs;
  for (const std::string& typed : arguments.positional) {
    const absl::StatusOr<fs::path> run = FindRun(Shown(places.results), typed);
    if (!run.ok()) return Refuse(std::string(run.status().message()));
    runs.push_back(*run);
  }
  return RunCompare(runs[0], runs[1], std::cout, std::cerr);
}

int Escapes(const ParsedArguments& arguments, const Places& places) {
  if (arguments.positional.empty()) {
    return Refuse("heapwise escapes: of what? heapwise escapes FILE.cc, or a lesson such as 05");
  }
  EscapesOptions options;
  options.root = places.root;
  options.typed = arguments.positional[0];
  options.compiler = absl::GetFlag(FLAGS_compiler);
  options.json = absl::GetFlag(FLAGS_json);
  options.flags = arguments.rest;
  return RunEscapes(options, std::cout, std::cerr);
}

int Manifest(const ParsedArguments& arguments) {
  for (const char* flag : {"container", "headroom"}) {
    if (std::count(arguments.given.begin(), arguments.given.end(), flag) > 1) {
      return Refuse(
          absl::StrFormat("heapwise manifest: --%s is there twice; a manifest has one", flag));
    }
  }
  if (!Given(arguments, "container")) {
    return Refuse(
        "heapwise manifest: for a container of what size? heapwise manifest --container=512Mi");
  }
  return RunManifest(absl::GetFlag(FLAGS_container), absl::GetFlag(FLAGS_headroom), std::cout,
                     std::cerr);
}

int Peers(const ParsedArguments& arguments, const Places& places,
          const std::vector<std::string>& words) {
  if (const std::string why = NoPrograms(places); !why.empty()) return Refuse(why);
  PeersOptions options;
  const absl::StatusOr<std::vector<std::string>> groups =
      ParsePeerGroups(absl::GetFlag(FLAGS_only));
  if (!groups.ok()) return Refuse(std::string(groups.status().message()));
  options.groups = *groups;
  options.blocks = IfGiven(arguments, FLAGS_blocks).value_or(kPeerBlocks);
  if (options.blocks < 1 || options.blocks > kMostPeerBlocks) {
    return Refuse(
        absl::StrFormat("--blocks=%d: must be from 1 to %d", options.blocks, kMostPeerBlocks));
  }
  options.seed = IfGiven(arguments, FLAGS_seed);
  options.root = places.root;
  options.programs = places.programs;
  options.results = Shown(places.results);
  options.command = RecordedCommand(places.root, words);
  const char* const path = std::getenv("PATH");
  options.go = FindGo(path == nullptr ? "" : path);
  return RunPeers(options, std::cout, std::cerr);
}

int Main(const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const Subcommand& subcommand : Subcommands()) names.emplace_back(subcommand.name);
  const std::string there_are = "; there are " + absl::StrJoin(names, ", ");
  if (words.empty()) return Refuse("heapwise: which subcommand?" + there_are);
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::cout << Overview();
    return kExitOk;
  }
  if (words[0] == "--version") {
    std::cout << VersionLine();
    return kExitOk;
  }
  const auto subcommand =
      std::find_if(Subcommands().begin(), Subcommands().end(),
                   [&](const Subcommand& candidate) { return candidate.name == words[0]; });
  if (subcommand == Subcommands().end()) {
    return Refuse("heapwise: unknown subcommand '" + words[0] + "'" + there_are);
  }
  const absl::StatusOr<ParsedArguments> arguments =
      ParseArguments(*subcommand, {"resume"}, {words.begin() + 1, words.end()});
  if (!arguments.ok()) return Refuse(std::string(arguments.status().message()));
  if (arguments->help) {
    std::cout << HelpText(*subcommand);
    return kExitOk;
  }
  if (subcommand->name == "doctor") return RunDoctor(std::cout);
  if (subcommand->name == "manifest") return Manifest(*arguments);
  const absl::StatusOr<Places> places = FindPlaces();
  if (!places.ok()) return Refuse(std::string(places.status().message()));
  if (subcommand->name == "list") {
    return RunList(places->root, absl::GetFlag(FLAGS_json), InspectTerminal(STDOUT_FILENO),
                   std::cout, std::cerr);
  }
  if (subcommand->name == "verdicts") return Verdicts(*arguments, *places);
  if (subcommand->name == "compare") return Compare(*arguments, *places);
  if (subcommand->name == "peers") return Peers(*arguments, *places, words);
  if (subcommand->name == "escapes") return Escapes(*arguments, *places);
  return Bench(*arguments, *places, words);
}

// Standard output that could not be written makes a failure of what was none. Of a pipe that nobody reads any more
// nothing is said.
int CheckOutput(int status) {
  errno = 0;
  std::cout.flush();
  std::fflush(stdout);
  const int error = errno;
  if (std::cout && std::ferror(stdout) == 0) return status;
  pollfd output = {STDOUT_FILENO, 0, 0};
  const bool closed_pipe = poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
  if (!closed_pipe) {
    std::cerr << "heapwise: not all of this could be written to standard output"
              << (error == 0 ? "" : std::string(": ") + std::strerror(error)) << "\n";
  }
  return status == kExitOk ? kExitFailed : status;
}

// A standard stream that this program was started without is opened so that its use fails: else the first file
// that is opened would be taken for it.
void FillStandardStreams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is the one: those below it are open.
    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace
}  // namespace heapwise::runner

int main(int argc, char** argv) {
  namespace runner = heapwise::runner;
  runner::FillStandardStreams();
  int status = runner::kExitFailed;
  try {
    status = runner::Main(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  } catch (const std::exception& error) {
    std::cerr << "heapwise: " << error.what() << "\n";
  }
  return runner::CheckOutput(status);
}
