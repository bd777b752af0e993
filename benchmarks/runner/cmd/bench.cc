#include "benchmarks/runner/cmd/bench.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/machine.h"
#include "benchmarks/runner/base/program_id.h"
#include "benchmarks/runner/cmd/bench_session.h"
#include "benchmarks/runner/cmd/places.h"
#include "benchmarks/runner/cmd/subcommand.h"
#include "benchmarks/runner/format/lesson_file.h"
#include "benchmarks/runner/format/run_dir.h"
#include "benchmarks/stats/constants.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxBlocks = 100;

// The command that measures one lesson of this run again.
std::string LessonCommand(const std::string& program, const std::string& lesson,
                          const RunRecord& run) {
  const Settings usual = DefaultSettings(run.mode);
  const auto seconds = [](double value) { return absl::FormatDuration(absl::Seconds(value)); };
  std::string command = absl::StrFormat("%s bench %s --seed=%d", program, lesson, run.seed);
  if (run.mode == "quick") command += " --quick";
  if (run.mode == "lesson") command += " --mode=lesson";
  if (run.settings.min_blocks != usual.min_blocks) {
    command += absl::StrFormat(" --blocks=%d", run.settings.min_blocks);
  }
  if (run.settings.budget_seconds != usual.budget_seconds) {
    command += " --budget=" + seconds(run.settings.budget_seconds);
  }
  if (run.settings.min_time_seconds != usual.min_time_seconds) {
    command += " --min_time=" + seconds(run.settings.min_time_seconds);
  }
  return command;
}

LessonRecord NewRecord(const LessonFile& lesson, std::string command) {
  LessonRecord record;
  record.lesson = lesson.name;
  record.title = lesson.title;
  record.operation = lesson.operation;
  record.isolation = IsolationName(lesson.isolation);
  record.command = std::move(command);
  record.slow = lesson.slow;
  record.fast = lesson.fast;
  record.control = lesson.control;
  for (const DeclaredVariant& variant : lesson.variants) {
    record.variants.push_back({variant.name, variant.label, variant.environment});
  }
  return record;
}

// Whether blocks measured for `record` can be joined by blocks of `lesson` as it is now.
bool SameVariants(const LessonFile& lesson, const LessonRecord& record) {
  std::map<std::string, Environment> declared;
  for (const DeclaredVariant& variant : lesson.variants)
    declared[variant.name] = variant.environment;
  std::map<std::string, Environment> recorded;
  for (const RecordedVariant& variant : record.variants) {
    recorded[variant.name] = variant.environment;
  }
  return declared == recorded && record.control == lesson.control &&
         record.isolation == IsolationName(lesson.isolation);
}

// The lessons of that name, all read and checked before anything is measured. One whose program is not built fails
// when its turn comes; where none is built there is nothing to begin with.
absl::StatusOr<std::vector<Work>> ReadWork(const BenchOptions& options,
                                           const std::vector<std::string>& names,
                                           const std::string& mode) {
  std::vector<Work> work;
  bool built = false;
  for (const std::string& name : names) {
    absl::StatusOr<LessonFile> lesson = ReadLessonFile(options.root, name);
    if (!lesson.ok()) return lesson.status();
    std::error_code error;
    built = built || fs::exists(options.programs / name, error);
    Work item;
    item.lesson = mode == "quick" ? QuickLesson(*lesson) : *std::move(lesson);
    item.state.lesson = name;
    work.push_back(std::move(item));
  }
  if (!built && !work.empty()) {
    const std::string& name = names.front();
    return absl::NotFoundError(absl::StrFormat("lesson %s is not built: there is no %s", name,
                                               DisplayPath(options.programs / name, options.root)));
  }
  return work;
}

// Writes what --run_file asks for. False, with a line, where that cannot be done.
bool WriteRunFile(const BenchOptions& options, const RunDir& dir, std::ostream& err) {
  if (options.run_file.empty()) return true;
  const absl::Status written = WriteFile(options.run_file, dir.path().string() + "\n");
  if (!written.ok()) err << "--run_file: " << written.message() << "\n";
  return written.ok();
}

// What the user asked for; an error says which value is wrong.
absl::StatusOr<Settings> ChosenSettings(const BenchOptions& options) {
  Settings settings = DefaultSettings(options.mode);
  if (options.blocks) {
    if (*options.blocks < kFewestBlocks || *options.blocks > kMaxBlocks) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "--blocks=%d: must be from %d to %d", *options.blocks, kFewestBlocks, kMaxBlocks));
    }
    settings.min_blocks = *options.blocks;
    if (options.mode == "quick") settings.max_blocks = *options.blocks;
  }
  if (options.budget) {
    if (options.mode == "quick") {
      return absl::InvalidArgumentError(
          "--budget: the quick mode measures a fixed number of blocks; leave it out");
    }
    settings.budget_seconds = absl::ToDoubleSeconds(*options.budget);
    if (!(settings.budget_seconds > 0) || std::isinf(settings.budget_seconds)) {
      return absl::InvalidArgumentError("--budget: must be longer than 0, such as 15s");
    }
  }
  if (options.min_time) {
    settings.min_time_seconds = absl::ToDoubleSeconds(*options.min_time);
    if (!(settings.min_time_seconds > 0 && settings.min_time_seconds <= 10)) {
      return absl::InvalidArgumentError("--min_time: must be above 0 and at most 10s");
    }
  }
  if (options.lesson_timeout) {
    settings.lesson_timeout_seconds = absl::ToDoubleSeconds(*options.lesson_timeout);
    if (!(settings.lesson_timeout_seconds > 0) || std::isinf(settings.lesson_timeout_seconds)) {
      return absl::InvalidArgumentError("--lesson_timeout: must be longer than 0, such as 60s");
    }
  }
  return settings;
}

int NewRun(const BenchOptions& options, std::ostream& out, std::ostream& err) {
  const absl::StatusOr<Settings> settings = ChosenSettings(options);
  if (!settings.ok()) {
    err << settings.status().message() << "\n";
    return kExitUsage;
  }
  const std::vector<std::string> all = LessonNames(options.root);
  std::vector<std::string> names = options.lessons.empty() ? all : std::vector<std::string>();
  for (const std::string& typed : options.lessons) {
    const absl::StatusOr<std::string> name = ResolveLesson(all, typed);
    if (!name.ok()) {
      err << name.status().message() << "\n";
      return kExitUsage;
    }
    if (std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
  }
  if (names.empty()) {
    err << DisplayPath(options.root / "lessons", CurrentDirectory()) << ": holds no lesson\n";
    return kExitUsage;
  }
  std::sort(names.begin(), names.end());
  absl::StatusOr<std::vector<Work>> work = ReadWork(options, names, options.mode);
  if (!work.ok()) {
    err << work.status().message() << "\n";
    return kExitUsage;
  }

  RunRecord run;
  run.mode = options.mode;
  run.command = options.command;
  run.seed = options.seed ? *options.seed : std::random_device()();
  run.machine = ReadMachineFacts();
  run.load_before = run.load_after = LoadAverages();
  run.build = ReadBuildFacts(options.root);
  run.settings = *settings;
  const absl::Time now = options.now();
  run.started = Timestamp(now);
  for (Work& item : *work) {
    item.record = NewRecord(item.lesson, LessonCommand(options.program, item.lesson.name, run));
  }
  absl::StatusOr<RunDir> dir = RunDir::Create(options.results, now);
  if (!dir.ok()) {
    err << dir.status().message() << "\n";
    return absl::IsFailedPrecondition(dir.status()) ? kExitUsage : kExitFailed;
  }
  if (!WriteRunFile(options, *dir, err)) {
    std::error_code error;
    fs::remove(dir->path(), error);  // it is empty
    return kExitFailed;
  }
  run.id = dir->id();
  return MeasureSession(options, *std::move(dir), std::move(run), *std::move(work), out, err);
}

// The newest run that is not complete. Runs that cannot be read are passed over, with a line.
absl::StatusOr<fs::path> NewestUnfinished(const fs::path& results, std::ostream& err) {
  std::optional<fs::path> newest;
  std::string newest_started;
  for (const std::string& name : RunNames(results)) {
    const fs::path file = results / name / "run.json";
    const absl::StatusOr<std::string> text = ReadFile(file);
    const absl::StatusOr<RunRecord> run =
        text.ok() ? ParseRun(file.string(), *text) : absl::StatusOr<RunRecord>(text.status());
    if (!run.ok()) {
      err << "passed over: " << run.status().message() << "\n";
    } else if (run->status != RunStatus::kComplete && run->started >= newest_started) {
      newest = results / name;
      newest_started = run->started;
    }
  }
  if (!newest) {
    return absl::NotFoundError(absl::StrFormat(
        "nothing to resume: %s holds no interrupted or failed run", results.string()));
  }
  return *newest;
}

absl::Status CheckSameConditions(const RunRecord& run, const MachineFacts& machine,
                                 const BuildFacts& build) {
  const auto differs = [&](const std::string& what, const std::string& then,
                           const std::string& now) {
    return absl::FailedPreconditionError(
        absl::StrFormat("run %s cannot go on: its %s was %s and is %s now; start a new run", run.id,
                        what, then, now));
  };
  if (run.machine.cpu != machine.cpu) return differs("CPU", run.machine.cpu, machine.cpu);
  if (run.machine.kernel != machine.kernel) {
    return differs("kernel", run.machine.kernel, machine.kernel);
  }
  if (run.build.commit != build.commit) return differs("commit", run.build.commit, build.commit);
  if (run.build.compiler != build.compiler) {
    return differs("compiler", run.build.compiler, build.compiler);
  }
  if (run.build.flags != build.flags) return differs("flags", run.build.flags, build.flags);
  return absl::OkStatus();
}

// The lessons of the recorded run with their blocks.
absl::StatusOr<std::vector<Work>> ReadWorkOf(const RecordedRun& recorded,
                                             const BenchOptions& options) {
  std::vector<std::string> names;
  for (const LessonState& state : recorded.run.lessons) names.push_back(state.lesson);
  absl::StatusOr<std::vector<Work>> work = ReadWork(options, names, recorded.run.mode);
  if (!work.ok()) return work.status();
  for (size_t i = 0; i < work->size(); ++i) {
    Work& item = (*work)[i];
    item.state = recorded.run.lessons[i];
    item.record =
        NewRecord(item.lesson, LessonCommand(options.program, item.lesson.name, recorded.run));
    for (const LessonRecord& record : recorded.lessons) {
      if (record.lesson != item.lesson.name) continue;
      if (!SameVariants(item.lesson, record)) {
        return absl::FailedPreconditionError(absl::StrFormat(
            "run %s cannot go on: lessons/%s/lesson.json declares other variants now; start a "
            "new run",
            recorded.run.id, record.lesson));
      }
      const std::string id = ProgramId(options.programs / record.lesson);
      if (!record.blocks.empty() && record.build_id != id) {
        return absl::FailedPreconditionError(absl::StrFormat(
            "run %s cannot go on: %s was measured with another program (build id %s) than the one "
            "there is now (%s); start a new run",
            recorded.run.id, record.lesson,
            record.build_id.empty() ? "not recorded" : record.build_id, id.empty() ? "none" : id));
      }
      item.record = record;
    }
    item.state.blocks = static_cast<int>(item.record.blocks.size());
  }
  return work;
}

int Resume(const BenchOptions& options, std::ostream& out, std::ostream& err) {
  const auto refuse = [&](const absl::Status& status) {
    err << status.message() << "\n";
    return kExitUsage;
  };
  const absl::StatusOr<fs::path> path = options.resume->empty()
                                            ? NewestUnfinished(options.results, err)
                                            : FindRun(options.results, *options.resume);
  if (!path.ok()) return refuse(path.status());
  std::error_code error;
  const fs::path canonical = fs::canonical(*path, error);
  if (error) {
    return refuse(absl::UnavailableError(
        absl::StrFormat("%s: cannot be opened: %s", path->string(), error.message())));
  }
  absl::StatusOr<RunDir> dir = RunDir::Open(canonical);
  if (!dir.ok()) return refuse(dir.status());
  absl::StatusOr<RecordedRun> recorded = ReadRun(*path);
  if (!recorded.ok()) return refuse(recorded.status());
  if (!recorded->unreadable.empty()) {
    return refuse(absl::FailedPreconditionError(absl::StrFormat(
        "run %s cannot go on: %s", recorded->run.id, recorded->unreadable.begin()->second)));
  }
  if (recorded->run.status == RunStatus::kComplete) {
    return refuse(absl::FailedPreconditionError(
        absl::StrFormat("nothing to resume: run %s is complete", recorded->run.id)));
  }
  const BuildFacts build = ReadBuildFacts(options.root);
  const absl::Status same = CheckSameConditions(recorded->run, ReadMachineFacts(), build);
  if (!same.ok()) return refuse(same);
  // Of the same commit, with changes in one of the two halves or in both; unknown where it was in either.
  std::optional<bool>& dirty = recorded->run.build.dirty;
  if (dirty && build.dirty) {
    dirty = *dirty || *build.dirty;
  } else {
    dirty.reset();
  }
  absl::StatusOr<std::vector<Work>> work = ReadWorkOf(*recorded, options);
  if (!work.ok()) return refuse(work.status());
  if (!WriteRunFile(options, *dir, err)) return kExitFailed;
  return MeasureSession(options, *std::move(dir), std::move(recorded->run), *std::move(work), out,
                        err);
}

}  // namespace

Settings DefaultSettings(std::string_view mode) {
  Settings settings;
  settings.min_blocks = static_cast<int>(stats::kMinBlocks);
  settings.max_blocks = kMaxBlocks;
  settings.half_width = stats::kTargetHalfWidth;
  settings.threshold = stats::kPracticalThreshold;
  settings.lesson_timeout_seconds = 60;
  settings.min_time_seconds = 0.02;
  settings.budget_seconds = 15;
  if (mode == "lesson") {
    settings.min_time_seconds = 0.01;
    settings.budget_seconds = 6;
  }
  if (mode == "quick") {
    settings.max_blocks = settings.min_blocks;
    settings.min_time_seconds = 0.005;
    settings.budget_seconds = 0;
  }
  return settings;
}

int RunBench(const BenchOptions& options, std::ostream& out, std::ostream& err) {
  return options.resume ? Resume(options, out, err) : NewRun(options, out, err);
}

namespace {

struct BenchFlags {
  bool quick = false;
  std::string mode = "bench";
  std::optional<uint64_t> seed;
  std::optional<absl::Duration> budget;
  std::optional<absl::Duration> min_time;
  std::optional<int> blocks;
  std::optional<absl::Duration> lesson_timeout;
  std::optional<std::string> resume;
  std::string run_file;
  PlaceFlags places;
};

int BenchAsTyped(const BenchFlags& flags, const ParsedArguments& arguments) {
  const absl::StatusOr<Places> places = FindPlaces(flags.places);
  if (!places.ok()) return Refuse(std::string(places.status().message()));
  if (const std::string why = NoPrograms(*places); !why.empty()) return Refuse(why);
  BenchOptions options;
  options.root = places->root;
  options.programs = places->programs;
  options.results = places->results;
  options.lessons = arguments.positional;
  options.mode = flags.mode;
  if (options.mode != "quick" && options.mode != "bench" && options.mode != "lesson") {
    return Refuse("--mode=" + options.mode + ": must be quick, bench or lesson");
  }
  if (flags.quick) {
    if (arguments.Given("mode") && options.mode != "quick") {
      return Refuse("--quick and --mode=" + options.mode + " contradict each other");
    }
    options.mode = "quick";
  }
  options.seed = flags.seed;
  options.budget = flags.budget;
  options.min_time = flags.min_time;
  options.blocks = flags.blocks;
  options.lesson_timeout = flags.lesson_timeout;
  options.resume = flags.resume;
  if (options.resume) {
    if (!options.lessons.empty()) {
      return Refuse("--resume goes on with the lessons of its run; leave out '" +
                    options.lessons.front() + "' (or write --resume=RUN)");
    }
    for (const char* flag :
         {"quick", "mode", "seed", "budget", "min_time", "blocks", "lesson_timeout"}) {
      if (arguments.Given(flag)) {
        return Refuse(
            absl::StrFormat("--resume goes on with the settings of its run; leave out --%s", flag));
      }
    }
  }
  options.program = RecordedProgram(places->root);
  options.program_here = ProgramHere();
  options.command = RecordedCommand(places->root, arguments.words);
  for (const auto& [flag, typed] :
       {std::pair("results", flags.places.results), std::pair("root", flags.places.root),
        std::pair("programs", flags.places.programs)}) {
    if (arguments.Given(flag))
      options.place_flags += absl::StrFormat(" --%s=%s", flag, ShellWord(typed));
  }
  options.run_file = flags.run_file;
  options.out_terminal = InspectTerminal(STDOUT_FILENO);
  options.err_terminal = InspectTerminal(STDERR_FILENO);
  return RunBench(options, std::cout, std::cerr);
}

Subcommand BenchSubcommand() {
  const auto flags = std::make_shared<BenchFlags>();
  return {
      {.name = "bench",
       .arguments = "[LESSON...]",
       .what = "Measures lessons (all, or those named by number, name or a part of one) and judges "
               "their claims.",
       .more = "Status: 0 when all were measured, 1 when one failed or a file could not be "
               "written, 2 when the command makes no sense or another process measures into the "
               "same results, 130 after Ctrl-C, which keeps what was measured. The lesson programs "
               "do not see GOGC, GOMEMLIMIT, GODEBUG, GC_* and BENCHMARK_* of your environment.",
       .example = "heapwise bench 05 buffer-pool --mode=lesson",
       .flags =
           {{"quick", &flags->quick,
             "the quick mode: fewest blocks, shortest measurements, without the variants that are "
             "marked as slow ones; the same as --mode=quick"},
            {"mode", &flags->mode,
             "quick, bench (the default) or lesson: how long to measure; lesson is bench with a "
             "budget for use in front of a class"},
            {"seed", &flags->seed, kSeedHelp},
            {"budget", &flags->budget,
             "the time for each lesson; the fewest blocks are measured however long they take. "
             "Such as 15s (the default of bench) or 6s (of lesson)"},
            {"min_time", &flags->min_time,
             "how long a variant is measured in each block, such as 20ms (the default; quick: "
             "5ms)"},
            {"blocks", &flags->blocks, "the fewest blocks, from 10 to 100 (default: 12)"},
            {"lesson_timeout", &flags->lesson_timeout,
             "after how long a lesson's process is killed (default: 60s)"},
            Flag("resume", &flags->resume,
                 "go on with the newest interrupted or failed run, or with --resume=RUN: a name "
                 "under results/ or a path; its own lessons, mode, settings and seed are used")
                .MayStandAlone(),
            {"run_file", &flags->run_file,
             "a file to write the path of the run's directory to, a line, as soon as there is one: "
             "for scripts that show the run"},
            ResultsFlag(flags->places),
            RootFlag(flags->places),
            ProgramsFlag(flags->places)},
       .most_arguments = -1},
      20,
      [flags](const ParsedArguments& arguments) { return BenchAsTyped(*flags, arguments); }};
}
const Registered registered_bench(BenchSubcommand);

}  // namespace

}  // namespace heapwise::runner
