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
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/base/program_id.h"
#include "benchmarks/runner/cmd/places.h"
#include "benchmarks/runner/cmd/subcommand.h"
#include "benchmarks/runner/format/lesson_file.h"
#include "benchmarks/runner/format/run_dir.h"
#include "benchmarks/runner/format/wording.h"
#include "benchmarks/runner/judge/analysis.h"
#include "benchmarks/runner/judge/analysis_json.h"
#include "benchmarks/runner/judge/verdict_table.h"
#include "benchmarks/runner/measure/block.h"
#include "benchmarks/runner/measure/heap_profiles.h"
#include "benchmarks/runner/measure/progress.h"
#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/stop_rule.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxBlocks = 100;

// A lesson of this run: what it declares, what was measured, how far it is.
struct Work {
  LessonFile lesson;  // without the variants that the mode leaves out
  LessonRecord record;
  LessonState state;
};

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

// A measurement in progress: everything from the first block to the last file.
class Session {
 public:
  Session(const BenchOptions& options, RunDir dir, RunRecord run, std::vector<Work> work,
          std::ostream& out, std::ostream& err)
      : options_(options),
        dir_(std::move(dir)),
        run_(std::move(run)),
        work_(std::move(work)),
        out_(out),
        progress_(err, options.err_terminal) {}

  int Measure() {
    const Interrupt interrupt;
    run_.status = RunStatus::kRunning;
    run_.finished.reset();
    progress_.Say(absl::StrFormat("%s: %d lesson%s, seed %d, results in %s", run_.mode,
                                  work_.size(), work_.size() == 1 ? "" : "s", run_.seed,
                                  dir_.path().string()));
    if (const std::string unusual = UnusualBuild(run_.build); !unusual.empty()) {
      progress_.Say(absl::StrFormat(
          "Not for measuring: this is %s. Without CXXFLAGS and CMAKE_BUILD_TYPE in the environment "
          "`make clean` and another build make it so.",
          unusual));
    }
    WriteRun();
    if (const absl::Status linked = dir_.MakeLatest(); absl::IsFailedPrecondition(linked)) {
      progress_.Say(std::string(linked.message()) + "; the newest run is found by its name");
    } else {
      Check(linked);
    }
    for (size_t i = 0; i < work_.size() && !Interrupt::Requested(); ++i) {
      if (work_[i].state.status == RunStatus::kComplete) continue;
      current_ = i;
      MeasureLesson(work_[i]);
    }
    progress_.Clear();
    Finish();
    return Report();
  }

 private:
  void MeasureLesson(Work& work) {
    const absl::Time start = options_.now();
    lesson_start_ = start;
    session_blocks_ = 0;
    planned_ = run_.settings.min_blocks;
    work.state.status = work.record.status = RunStatus::kRunning;
    work.state.failure.reset();
    WriteRun();
    progress_.LessonStarts(Progressing(work));

    bool decided = false;
    for (;;) {
      const int done = static_cast<int>(work.record.blocks.size());
      if (!decided && done >= run_.settings.min_blocks) decided = Plan(work, done);
      // The budget once more, whatever was planned: a machine may slow down after the pilot.
      const bool in_time =
          done < run_.settings.min_blocks || session_blocks_ == 0 ||
          SecondsPerBlock() * (session_blocks_ + 1) <= run_.settings.budget_seconds;
      if (decided && (done >= planned_ || !in_time)) {
        planned_ = done;
        work.state.status = RunStatus::kComplete;
        break;
      }
      if (!MeasureBlock(work, done)) break;
    }
    if (work.state.status == RunStatus::kComplete) TakeProfiles(work);
    work.record.status = work.state.status;
    WriteLesson(work);
    WriteRun();
    progress_.LessonEnds(work.record.lesson, HowItWent(work.state, options_.now() - start));
  }

  // The number of blocks, computed once from the pilot. False where the time of a block is not known yet:
  // the first block of a resumed lesson.
  bool Plan(const Work& work, int done) {
    const Settings& settings = run_.settings;
    const std::vector<Block> pilot(work.record.blocks.begin(),
                                   work.record.blocks.begin() + settings.min_blocks);
    int needed = settings.min_blocks;
    for (const TimingRatio& ratio : TimingRatios(work.lesson, pilot)) {
      // What a claim allows decides how closely it has to be known.
      const double half_width = settings.half_width * ratio.threshold / settings.threshold;
      needed = std::max(needed, stats::BlocksNeeded(ratio.logs, half_width, settings.max_blocks));
    }
    needed = std::min(needed, settings.max_blocks);
    if (needed > done) {
      if (session_blocks_ == 0) {
        planned_ = done + 1;
        return false;
      }
      const int affordable = static_cast<int>(
          std::min<double>(settings.max_blocks, settings.budget_seconds / SecondsPerBlock()));
      needed = std::max(done, std::min(needed, affordable));
    }
    planned_ = std::max(done, needed);
    return true;
  }

  // Measures a block and keeps it on disk. False where the lesson ends here.
  bool MeasureBlock(Work& work, int done) {
    const fs::path program = options_.programs / work.lesson.name;
    std::error_code error;
    if (!fs::exists(program, error)) return Fail(work, {NotBuilt(program), done + 1, {}, ""});
    if (done == 0) work.record.build_id = ProgramId(program);
    const BlockOutcome outcome = RunBlock(Request(work, done));
    switch (outcome.end) {
      case BlockOutcome::End::kMeasured:
        // The blocks of a record are all of one program.
        if (const std::string id = ProgramId(program); id != work.record.build_id) {
          return Fail(work,
                      {absl::StrFormat("its program was replaced while it was measured: build "
                                       "id %s, then %s",
                                       work.record.build_id, id),
                       done + 1,
                       {},
                       ""});
        }
        work.record.blocks.push_back(outcome.block);
        work.record.context = outcome.context;
        work.record.timelines = outcome.timelines;
        ++session_blocks_;
        if (session_blocks_ == 1) SayOtherBuild(work);
        break;
      case BlockOutcome::End::kFailed: {
        Failure failure = outcome.failure;
        failure.block = done + 1;
        return Fail(work, std::move(failure));
      }
      case BlockOutcome::End::kInterrupted:
        break;
    }
    work.state.blocks = static_cast<int>(work.record.blocks.size());
    WriteLesson(work);
    WriteRun();
    progress_.Update(Progressing(work));
    if (!Interrupt::Requested()) return true;
    work.state.status = RunStatus::kInterrupted;
    return false;
  }

  // Always false: the lesson ends here.
  static bool Fail(Work& work, Failure failure) {
    work.state.status = RunStatus::kFailed;
    work.state.failure = std::move(failure);
    return false;
  }

  std::string NotBuilt(const fs::path& program) const {
    return absl::StrFormat("not built: there is no %s", DisplayPath(program, options_.root));
  }

  // A lesson's program may be of another build than this one. What it says itself is in its context.
  void SayOtherBuild(const Work& work) {
    const auto flags = work.record.context.find("flags");
    if (flags == work.record.context.end() || HasUsualFlags(flags->second)) return;
    BuildFacts build;
    build.flags = flags->second;
    if (build.flags == run_.build.flags) return;  // said already
    const auto build_type = work.record.context.find("build_type");
    if (build_type != work.record.context.end()) build.build_type = build_type->second;
    progress_.Say(absl::StrFormat("Not for measuring: the program of %s was %s", work.record.lesson,
                                  UnusualBuild(build)));
  }

  BlockRequest Request(const Work& work, int block) const {
    return {work.lesson, options_.programs / work.lesson.name,
            BlockSeed(run_.seed, work.lesson.name, block),
            absl::Seconds(run_.settings.min_time_seconds),
            absl::Seconds(run_.settings.lesson_timeout_seconds)};
  }

  // The heap profiles of the variants that icicle charts show, after the last block. Where one fails, the
  // lesson fails; its blocks stay.
  void TakeProfiles(Work& work) {
    work.record.profiles.clear();
    for (const auto& [variant, profile] : work.lesson.NeededProfiles()) {
      if (work.record.profiles.contains(variant)) continue;
      const ProfileOutcome outcome = ProfileVariant(Request(work, work.state.blocks), variant);
      if (outcome.end == BlockOutcome::End::kInterrupted || Interrupt::Requested()) {
        work.state.status = RunStatus::kInterrupted;
        return;
      }
      if (outcome.end == BlockOutcome::End::kFailed) {
        Failure failure = outcome.failure;
        failure.block = work.state.blocks;
        Fail(work, std::move(failure));
        return;
      }
      for (const auto& [name, content] : outcome.profiles) {
        const std::string file = ProfileFile(work.lesson.name, variant, name);
        Check(dir_.Write(file, content));
        work.record.profiles[variant][name] = file;
      }
    }
  }

  void Finish() {
    bool failed = false;
    bool interrupted = false;
    for (Work& work : work_) {
      if (work.state.status == RunStatus::kRunning) work.state.status = RunStatus::kInterrupted;
      failed = failed || work.state.status == RunStatus::kFailed;
      interrupted = interrupted || work.state.status == RunStatus::kInterrupted;
    }
    run_.status = interrupted ? RunStatus::kInterrupted
                  : failed    ? RunStatus::kFailed
                              : RunStatus::kComplete;
    run_.finished = Timestamp(options_.now());
    run_.load_after = LoadAverages();
    WriteRun();
    Json verdicts = Json::array();
    for (const Work& work : work_) {
      if (work.record.blocks.empty() && work.state.status == RunStatus::kInterrupted) continue;
      for (const ClaimResult& claim : Analyze(work.lesson, work.record.blocks).claims) {
        verdicts.push_back(ClaimToJson(claim));
      }
    }
    Check(dir_.Write("verdicts.json", ToText(verdicts)));
    if (write_failed_) WriteAgain(verdicts);
  }

  // After a failure: perhaps there is room now. A lesson whose file is not whole has failed, so that
  // --resume goes on from what the disk has of it.
  void WriteAgain(const Json& verdicts) {
    bool all = true;
    for (Work& work : work_) {
      if (work.record.blocks.empty() || WriteLesson(work)) continue;
      all = false;
      work.state.status = run_.status = RunStatus::kFailed;
      work.state.failure = Failure{"its results could not be written", work.state.blocks, {}, ""};
    }
    all = WriteRun() && all;
    all = dir_.Write("verdicts.json", ToText(verdicts)).ok() && all;
    const absl::Status linked = dir_.MakeLatest();
    all = (linked.ok() || absl::IsFailedPrecondition(linked)) && all;
    write_failed_ = !all;
  }

  // Prints the table and where the files are; returns the exit status.
  int Report() {
    std::vector<LessonVerdicts> lessons;
    for (const Work& work : work_) {
      lessons.push_back({work.lesson.title, work.state, {}});
      if (work.record.blocks.empty() && work.state.status == RunStatus::kInterrupted) continue;
      lessons.back().analysis = Analyze(work.lesson, work.record.blocks);
    }
    out_ << "\n" << VerdictTable(lessons, options_.out_terminal) << "\n";
    out_ << "results: " << dir_.path().string()
         << (write_failed_ ? " (not all of it could be written)" : "") << "\n";
    if (run_.status == RunStatus::kInterrupted) {
      out_ << "go on with: " << options_.program_here << " bench --resume" << options_.place_flags
           << "\n";
      return kExitInterrupted;
    }
    return run_.status == RunStatus::kComplete && !write_failed_ ? kExitOk : kExitFailed;
  }

  bool WriteLesson(const Work& work) {
    const Json json = LessonToJson(work.record, Analyze(work.lesson, work.record.blocks));
    return Check(dir_.Write(work.record.lesson + ".json", ToText(json)));
  }

  bool WriteRun() {
    run_.lessons.clear();
    for (const Work& work : work_) run_.lessons.push_back(work.state);
    return Check(dir_.Write("run.json", RunToText(run_)));
  }

  // Says the first failure to write and remembers that there was one; the run goes on in memory, and every
  // later write is a new attempt.
  bool Check(const absl::Status& written) {
    if (!written.ok() && !write_failed_) {
      write_failed_ = true;
      progress_.Say(std::string(written.message()) +
                    ". The measurement goes on; what is on disk already stays.");
    }
    return written.ok();
  }

  double SecondsPerBlock() const {
    return absl::ToDoubleSeconds(options_.now() - lesson_start_) / session_blocks_;
  }

  ProgressState Progressing(const Work& work) const {
    ProgressState state;
    state.lesson = work.record.lesson;
    state.lesson_number = static_cast<int>(current_) + 1;
    state.lessons = static_cast<int>(work_.size());
    state.block = static_cast<int>(work.record.blocks.size());
    state.blocks = planned_;
    state.elapsed_seconds = absl::ToDoubleSeconds(options_.now() - session_start_);
    // This lesson: its planned blocks at the pace so far, or its budget while it has none. Those to come:
    // their budget, or as much as this one where there is no budget (quick).
    const double budget = run_.settings.budget_seconds;
    const double whole =
        session_blocks_ > 0 ? SecondsPerBlock() * std::max(planned_, state.block) : budget;
    const double left = whole - absl::ToDoubleSeconds(options_.now() - lesson_start_);
    state.left_seconds = std::max(0.0, left) + (state.lessons - state.lesson_number) *
                                                   std::max(budget, budget > 0 ? 0.0 : whole);
    return state;
  }

  static std::string HowItWent(const LessonState& state, absl::Duration duration) {
    std::string words =
        absl::StrFormat("%d block%s in %s", state.blocks, state.blocks == 1 ? "" : "s",
                        SecondsWords(absl::ToDoubleSeconds(duration)));
    if (state.failure) {
      return absl::StrFormat("failed in block %d: %s (%s)", state.failure->block,
                             state.failure->reason, words);
    }
    return state.status == RunStatus::kInterrupted ? "interrupted, " + words : words;
  }

  const BenchOptions& options_;
  RunDir dir_;
  RunRecord run_;
  std::vector<Work> work_;
  std::ostream& out_;
  Progress progress_;
  const absl::Time session_start_ = options_.now();
  size_t current_ = 0;
  absl::Time lesson_start_;
  int session_blocks_ = 0;  // of the current lesson, measured by this process
  int planned_ = 0;         // blocks of the current lesson, as known now
  bool write_failed_ = false;
};

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
  return Session(options, *std::move(dir), std::move(run), *std::move(work), out, err).Measure();
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
  return Session(options, *std::move(dir), std::move(recorded->run), *std::move(work), out, err)
      .Measure();
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
