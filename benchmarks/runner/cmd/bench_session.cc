#include "benchmarks/runner/cmd/bench_session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/base/machine.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/base/program_id.h"
#include "benchmarks/runner/format/wording.h"
#include "benchmarks/runner/judge/analysis.h"
#include "benchmarks/runner/judge/analysis_json.h"
#include "benchmarks/runner/judge/block_plan.h"
#include "benchmarks/runner/judge/verdict_table.h"
#include "benchmarks/runner/measure/block.h"
#include "benchmarks/runner/measure/heap_profiles.h"
#include "benchmarks/runner/measure/progress.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

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
    plan_ = BlockPlan(run_.settings);
    work.state.status = work.record.status = RunStatus::kRunning;
    work.state.failure.reset();
    WriteRun();
    progress_.LessonStarts(Progressing(work));

    const auto pilot_ratios = [&] {
      const std::vector<Block>& blocks = work.record.blocks;
      return TimingRatios(work.lesson, {blocks.begin(), blocks.begin() + run_.settings.min_blocks});
    };
    while (plan_.Another(SoFar(work), pilot_ratios)) {
      if (!MeasureBlock(work)) break;
    }
    if (work.state.status == RunStatus::kRunning) work.state.status = RunStatus::kComplete;
    if (work.state.status == RunStatus::kComplete) TakeProfiles(work);
    work.record.status = work.state.status;
    WriteLesson(work);
    WriteRun();
    progress_.LessonEnds(work.record.lesson, HowItWent(work.state, options_.now() - start));
  }

  // Measures a block and keeps it on disk. False where the lesson ends here.
  bool MeasureBlock(Work& work) {
    const int done = static_cast<int>(work.record.blocks.size());
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

  BlocksSoFar SoFar(const Work& work) const {
    return {static_cast<int>(work.record.blocks.size()), session_blocks_,
            absl::ToDoubleSeconds(options_.now() - lesson_start_)};
  }

  ProgressState Progressing(const Work& work) const {
    ProgressState state;
    state.lesson = work.record.lesson;
    state.lesson_number = static_cast<int>(current_) + 1;
    state.lessons = static_cast<int>(work_.size());
    state.block = static_cast<int>(work.record.blocks.size());
    state.blocks = plan_.planned();
    state.elapsed_seconds = absl::ToDoubleSeconds(options_.now() - session_start_);
    // This lesson: its planned blocks at the pace so far, or its budget while it has none. Those to come:
    // their budget, or as much as this one where there is no budget (quick).
    const double budget = run_.settings.budget_seconds;
    const BlocksSoFar so_far = SoFar(work);
    const double whole = so_far.here > 0
                             ? so_far.seconds / so_far.here * std::max(state.blocks, state.block)
                             : budget;
    const double left = whole - so_far.seconds;
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
  int session_blocks_ = 0;      // of the current lesson, measured by this process
  BlockPlan plan_{Settings()};  // of the current lesson
  bool write_failed_ = false;
};

}  // namespace

int MeasureSession(const BenchOptions& options, RunDir dir, RunRecord run, std::vector<Work> work,
                   std::ostream& out, std::ostream& err) {
  return Session(options, std::move(dir), std::move(run), std::move(work), out, err).Measure();
}

}  // namespace heapwise::runner
