#include "benchmarks/runner/cmd/bench.h"

#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/program_id.h"
#include "benchmarks/runner/format/run_dir.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "benchmarks/stats/constants.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int kPilot = stats::kMinBlocks;

class BenchTest : public testing::Test {
 protected:
  int Run(const BenchOptions& options) {
    out_.str("");
    err_.str("");
    return RunBench(options, out_, err_);
  }
  int Run() { return Run(tree_.Options()); }

  // The run that `latest` names.
  RecordedRun Latest() {
    const absl::StatusOr<RecordedRun> run = ReadRun(tree_.results() / "latest");
    EXPECT_TRUE(run.ok()) << run.status();
    return run.value_or(RecordedRun());
  }

  Json LatestFile(const std::string& name) {
    return Json::parse(ReadFile(tree_.results() / "latest" / name).value_or("null"));
  }

  BenchOptions ResumeOptions(const std::string& run = "") {
    BenchOptions options = tree_.Options();
    options.seed.reset();
    options.mode = "bench";
    options.resume = run;
    return options;
  }

  FakeTree tree_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(BenchTest, MeasuresKeepsAndJudges) {
  tree_.AddLesson("01-good");
  tree_.AddLesson("02-sleeps", FakeLessonJson("process"));
  EXPECT_EQ(Run(), kExitOk);
  EXPECT_THAT(err_.str(), HasSubstr("quick: 2 lessons, seed 42, results in "));
  EXPECT_THAT(err_.str(), HasSubstr("01-good: measuring, lesson 1 of 2\n"));
  EXPECT_THAT(out_.str(), HasSubstr("✓ shown"));
  EXPECT_THAT(out_.str(), HasSubstr("✗ contradicted"));
  EXPECT_THAT(out_.str(), HasSubstr("\nresults: " + tree_.results().string()));

  const RecordedRun recorded = Latest();
  EXPECT_EQ(recorded.run.status, RunStatus::kComplete);
  EXPECT_EQ(recorded.run.seed, 42u);
  EXPECT_TRUE(recorded.run.finished.has_value());
  ASSERT_THAT(recorded.lessons, SizeIs(2));
  for (const LessonRecord& lesson : recorded.lessons) {
    EXPECT_EQ(lesson.status, RunStatus::kComplete);
    ASSERT_THAT(lesson.blocks, SizeIs(kPilot));
    EXPECT_THAT(lesson.blocks[0].samples, SizeIs(3));
    EXPECT_EQ(lesson.blocks[0].samples.at("slow").at("allocs_per_op"), 1);
  }
  EXPECT_FALSE(recorded.lessons[0].blocks[0].samples.at("slow").contains("rss_peak_bytes"));
  // A process may end before its memory was looked at, but not each of them.
  EXPECT_TRUE(std::any_of(
      recorded.lessons[1].blocks.begin(), recorded.lessons[1].blocks.end(), [](const Block& block) {
        const Sample& slow = block.samples.at("slow");
        return slow.contains("rss_peak_bytes") && slow.at("rss_peak_bytes") > 4096;
      }));
  EXPECT_THAT(LatestFile("verdicts.json"), SizeIs(4));
  EXPECT_EQ(LatestFile("01-good.json")["command"], "heapwise bench 01-good --seed=42 --quick");
}

TEST_F(BenchTest, TheSameSeedGivesTheSameOrders) {
  tree_.AddLesson("01-good");
  tree_.AddLesson("02-good", FakeLessonJson("process"));
  const auto orders = [&] {
    std::vector<std::vector<std::string>> all;
    for (const LessonRecord& lesson : Latest().lessons) {
      for (const Block& block : lesson.blocks) all.push_back(block.order);
    }
    return all;
  };
  Run();
  const auto first = orders();
  Run();
  EXPECT_EQ(orders(), first);
  BenchOptions other = tree_.Options();
  other.seed = 43;
  Run(other);
  EXPECT_NE(orders(), first);
  for (const std::string name : {"slow", "fast", "control"}) {
    EXPECT_TRUE(std::any_of(first.begin(), first.end(),
                            [&](const auto& order) { return order[0] == name; }))
        << name << " is never the first";
  }
}

TEST_F(BenchTest, StopsWhereTheIntervalIsNarrow) {
  tree_.AddLesson("01-good");
  BenchOptions options = tree_.Options();
  options.mode = "bench";
  options.min_time = absl::Milliseconds(5);
  options.blocks = 13;
  options.budget = absl::Minutes(2);
  EXPECT_EQ(Run(options), kExitOk);
  EXPECT_EQ(LatestFile("01-good.json")["command"],
            "heapwise bench 01-good --seed=42 --blocks=13 --budget=2m --min_time=5ms");
  // The noise of the fake is far below what the stop rule aims at.
  EXPECT_THAT(Latest().lessons.at(0).blocks, SizeIs(13));
}

TEST_F(BenchTest, MeasuresMoreWhereItIsNoisyUpToTheMost) {
  tree_.AddLesson("01-noisy");
  BenchOptions options = tree_.Options();
  options.mode = "bench";
  options.budget = absl::Minutes(10);
  EXPECT_EQ(Run(options), kExitOk);
  EXPECT_THAT(Latest().lessons.at(0).blocks, SizeIs(DefaultSettings("bench").max_blocks));
}

// A lesson whose intervals are never narrow enough, on a clock by which its blocks take what `seconds` says: of the
// first, second, ... The last holds for all that follow.
class BudgetTest : public BenchTest {
 protected:
  size_t BlocksOf(const std::vector<double>& seconds, absl::Duration budget) {
    tree_.AddLesson("01-noisy");
    fs::create_symlink(FAKE_LESSON, tree_.bin() / "real-noisy");
    fs::remove(tree_.bin() / "01-noisy");
    tree_.Script("bin/01-noisy", "cd \"${0%/*}\" && echo >> starts && exec ./real-noisy \"$@\"");
    BenchOptions options = tree_.Options();
    options.mode = "bench";
    options.budget = budget;
    options.now = [&] {
      const std::string starts = ReadFile(tree_.bin() / "starts").value_or("");
      double passed = 0;
      for (size_t i = 0; i < starts.size(); ++i) passed += seconds[std::min(i, seconds.size() - 1)];
      return absl::FromUnixSeconds(1'800'000'000) + absl::Seconds(passed);
    };
    EXPECT_EQ(Run(options), kExitOk);
    return Latest().lessons.at(0).blocks.size();
  }
};

TEST_F(BudgetTest, AsManyBlocksAsItPaysFor) {
  EXPECT_EQ(BlocksOf({1}, absl::Seconds(15)), 15u);
  EXPECT_EQ(Latest().run.started, "2027-01-15T08:00:00Z");
  EXPECT_EQ(Latest().run.finished, "2027-01-15T08:00:15Z");
  EXPECT_THAT(err_.str(), HasSubstr("01-noisy: 15 blocks in 15 s\n"));
}

TEST_F(BudgetTest, ThePilotIsMeasuredWhateverItCosts) {
  EXPECT_EQ(BlocksOf({10}, absl::Seconds(15)), 12u);
}

TEST_F(BudgetTest, ThePilotDecidesHowManyEvenWhereTheMachineBecomesFaster) {
  std::vector<double> seconds(12, 1.0);
  seconds.push_back(0.1);
  EXPECT_EQ(BlocksOf(seconds, absl::Seconds(15)), 15u);
}

TEST_F(BudgetTest, IsKeptWhereTheMachineBecomesSlower) {
  // The pilot pays for 20. After block 15, at 12 + 3 * 3 = 21 s, another at the mean of 1.4 s would end at 22.4 s;
  // after block 14, at 18 s, one would end at 19.3 s.
  std::vector<double> seconds(12, 1.0);
  seconds.push_back(3);
  EXPECT_EQ(BlocksOf(seconds, absl::Seconds(20)), 15u);
}

TEST_F(BenchTest, QuickLeavesOutWhatIsMarked) {
  Json lesson = FakeLessonJson();
  lesson["variants"].push_back({{"name", "extra"}, {"label", "not in quick"}, {"quick", false}});
  Json claim = lesson["claims"][0];
  claim["id"] = "of-extra";
  claim["of"] = "extra";
  lesson["claims"].push_back(claim);
  tree_.AddLesson("01-good", lesson);
  EXPECT_EQ(Run(), kExitOk);
  EXPECT_THAT(LatestFile("verdicts.json"), SizeIs(2));
}

TEST_F(BenchTest, OneLessonFailsAndTheOthersGoOn) {
  tree_.AddLesson("01-crashes");
  tree_.AddLesson("02-fails", FakeLessonJson("process"));
  tree_.AddLesson("03-garbage");
  tree_.AddLesson("04-omits");
  tree_.AddLesson("05-errors");
  tree_.AddLesson("06-good");
  EXPECT_EQ(Run(), kExitFailed);
  const RecordedRun recorded = Latest();
  EXPECT_EQ(recorded.run.status, RunStatus::kFailed);
  std::vector<std::string> reasons;
  for (const LessonState& state : recorded.run.lessons) {
    reasons.push_back(state.failure ? state.failure->reason : RunStatusName(state.status));
  }
  EXPECT_THAT(reasons, ElementsAre("killed by signal 9 (Killed)", "exited with status 3",
                                   "its report: line 1, column 17: is not JSON",
                                   "its report has no benchmark slow",
                                   "fast reported an error: wrong answer", "complete"));
  const Failure& crash = *recorded.run.lessons[0].failure;
  EXPECT_EQ(crash.block, 1);
  EXPECT_EQ(crash.variant, std::nullopt);
  EXPECT_THAT(crash.output, HasSubstr("fake lesson, seed "));
  EXPECT_TRUE(recorded.run.lessons[1].failure->variant.has_value());
  EXPECT_THAT(out_.str(), HasSubstr("Failed in block 1: killed by signal 9"));
  EXPECT_THAT(out_.str(), HasSubstr("    | fake lesson, seed "));
  // Its claims are there, without numbers.
  const Json verdict = LatestFile("verdicts.json")[0];
  EXPECT_EQ(verdict["verdict"], "too noisy here");
  EXPECT_TRUE(verdict["estimate"].is_null());
}

TEST_F(BenchTest, KeepsWhatWasMeasuredBeforeAFailure) {
  tree_.AddLesson("01-crashes");
  tree_.GoodFor("01-crashes", 7);
  EXPECT_EQ(Run(), kExitFailed);
  const RecordedRun recorded = Latest();
  EXPECT_THAT(recorded.lessons.at(0).blocks, SizeIs(7));
  EXPECT_EQ(recorded.run.lessons[0].failure->block, 8);
  EXPECT_EQ(recorded.run.lessons[0].blocks, 7);
  EXPECT_EQ(LatestFile("verdicts.json")[0]["verdict"], "shown");
}

TEST_F(BenchTest, KillsALessonThatHangs) {
  tree_.AddLesson("01-hangs");
  tree_.AddLesson("02-good");
  BenchOptions options = tree_.Options();
  options.lesson_timeout = absl::Milliseconds(300);
  tree_.GoodFor("02-good", 100);
  EXPECT_EQ(Run(options), kExitFailed);
  EXPECT_EQ(Latest().run.lessons[0].failure->reason,
            "ran past its time limit of 300ms and was killed");
  EXPECT_EQ(Latest().run.lessons[1].status, RunStatus::kComplete);
}

TEST_F(BenchTest, AnInterruptKeepsWhatIsThereAndResumeGoesOn) {
  tree_.AddLesson("01-good");
  tree_.AddLesson("02-interrupts");
  tree_.AddLesson("03-good");
  tree_.GoodFor("02-interrupts", 7);
  EXPECT_EQ(Run(), kExitInterrupted);
  EXPECT_THAT(out_.str(), HasSubstr("go on with: heapwise bench --resume\n"));
  EXPECT_THAT(out_.str(), HasSubstr("Interrupted: these are the blocks measured until then."));
  EXPECT_THAT(out_.str(), HasSubstr("Not measured: interrupted before its first block."));
  const RecordedRun interrupted = Latest();
  EXPECT_EQ(interrupted.run.status, RunStatus::kInterrupted);
  EXPECT_EQ(interrupted.run.lessons[0].status, RunStatus::kComplete);
  EXPECT_EQ(interrupted.run.lessons[1].status, RunStatus::kInterrupted);
  EXPECT_EQ(interrupted.run.lessons[2].status, RunStatus::kInterrupted);
  ASSERT_THAT(interrupted.lessons, SizeIs(2));
  EXPECT_THAT(interrupted.lessons[1].blocks, SizeIs(7));

  tree_.GoodFor("02-interrupts", 100);
  EXPECT_EQ(Run(ResumeOptions()), kExitOk);
  EXPECT_THAT(err_.str(), Not(HasSubstr("01-good: measuring")));
  const RecordedRun resumed = Latest();
  EXPECT_EQ(resumed.run.id, interrupted.run.id);
  EXPECT_EQ(resumed.run.status, RunStatus::kComplete);
  EXPECT_EQ(resumed.run.mode, "quick");
  ASSERT_THAT(resumed.lessons, SizeIs(3));
  for (const LessonRecord& lesson : resumed.lessons) EXPECT_THAT(lesson.blocks, SizeIs(kPilot));
  EXPECT_EQ(resumed.lessons[2].command, "heapwise bench 03-good --seed=42 --quick");
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(resumed.lessons[1].blocks[i].samples, interrupted.lessons[1].blocks[i].samples);
  }

  // As if it had never been interrupted.
  tree_.GoodFor("02-interrupts", 100);
  EXPECT_EQ(Run(), kExitOk);
  const RecordedRun whole = Latest();
  EXPECT_NE(whole.run.id, resumed.run.id);
  for (int i = 0; i < kPilot; ++i) {
    EXPECT_EQ(whole.lessons[1].blocks[i].order, resumed.lessons[1].blocks[i].order);
  }
}

TEST_F(BenchTest, ResumeGoesOnWithAFailedRunByName) {
  tree_.AddLesson("01-crashes");
  tree_.GoodFor("01-crashes", 3);
  Run();
  const std::string id = Latest().run.id;
  tree_.GoodFor("01-crashes", 100);
  EXPECT_EQ(Run(ResumeOptions(id)), kExitOk);
  EXPECT_EQ(Latest().run.lessons[0].failure.has_value(), false);
}

TEST_F(BenchTest, ResumeRefusesWhatCannotGoOn) {
  tree_.AddLesson("01-good");
  EXPECT_EQ(Run(ResumeOptions()), kExitUsage);
  EXPECT_EQ(err_.str(), "nothing to resume: " + tree_.results().string() +
                            " holds no interrupted or failed run\n");
  Run();
  const std::string id = Latest().run.id;
  EXPECT_EQ(Run(ResumeOptions(id)), kExitUsage);
  EXPECT_EQ(err_.str(), "nothing to resume: run " + id + " is complete\n");
  EXPECT_EQ(Run(ResumeOptions("2020-01-01-000000")), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("no run '2020-01-01-000000'"));
}

TEST_F(BenchTest, ResumeRefusesALessonWithOtherVariants) {
  tree_.AddLesson("01-crashes");
  tree_.GoodFor("01-crashes", 3);
  Run();
  Json changed = FakeLessonJson();
  changed["variants"].push_back({{"name", "extra"}, {"label", "new"}});
  tree_.Write("lessons/01-crashes/lesson.json", changed.dump());
  EXPECT_EQ(Run(ResumeOptions()), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("lessons/01-crashes/lesson.json declares other variants now"));
}

TEST_F(BenchTest, ResumeRefusesAnotherMachine) {
  tree_.AddLesson("01-crashes");
  Run();
  Json run = LatestFile("run.json");
  run["machine"]["kernel"] = "0.0.1";
  tree_.Write("results/" + Latest().run.id + "/run.json", run.dump());
  EXPECT_EQ(Run(ResumeOptions()), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("cannot go on: its kernel was 0.0.1 and is "));
}

TEST_F(BenchTest, TwoAtOnceKnowOfEachOther) {
  tree_.AddLesson("01-crashes");
  Run();
  const std::string id = Latest().run.id;
  absl::StatusOr<RunDir> held = RunDir::Open(fs::canonical(tree_.results() / "latest"));
  ASSERT_TRUE(held.ok());
  const std::string line = tree_.results().string() + ": process " + std::to_string(getpid()) +
                           " (run " + id +
                           ") is measuring, and two at once would disturb each other; wait until "
                           "it has ended, or end it with Ctrl-C where it runs\n";
  EXPECT_EQ(Run(ResumeOptions()), kExitUsage);
  EXPECT_EQ(err_.str(), line);
  EXPECT_EQ(Run(), kExitUsage);
  EXPECT_EQ(err_.str(), line);
  EXPECT_THAT(RunNames(tree_.results()), ElementsAre(id)) << "nothing was begun";
}

TEST_F(BenchTest, TellsAFileWhichRunItMade) {
  tree_.AddLesson("01-crashes");
  tree_.GoodFor("01-crashes", 3);
  BenchOptions options = tree_.Options();
  options.run_file = tree_.root() / "run file";
  EXPECT_EQ(Run(options), kExitFailed);
  const fs::path run = tree_.results() / Latest().run.id;
  EXPECT_EQ(ReadFile(options.run_file).value(), run.string() + "\n");

  fs::remove(options.run_file);
  BenchOptions resume = ResumeOptions();
  resume.run_file = options.run_file;
  tree_.GoodFor("01-crashes", 100);
  EXPECT_EQ(Run(resume), kExitOk);
  EXPECT_EQ(ReadFile(options.run_file).value(), fs::canonical(run).string() + "\n");

  options.run_file = tree_.root() / "absent/file";
  EXPECT_EQ(Run(options), kExitFailed);
  EXPECT_EQ(err_.str(), "--run_file: " + options.run_file.string() +
                            ": cannot write: No such file or directory\n");
  EXPECT_EQ(RunNames(tree_.results()).size(), 1u);
}

TEST_F(BenchTest, ALessonThatIsNotBuiltCostsOnlyItself) {
  tree_.AddLesson("01-good");
  tree_.AddLesson("02-good");
  fs::remove(tree_.bin() / "01-good");
  EXPECT_EQ(Run(), kExitFailed);
  const RecordedRun recorded = Latest();
  EXPECT_EQ(recorded.run.lessons.at(0).failure->reason, "not built: there is no bin/01-good");
  EXPECT_EQ(recorded.run.lessons.at(1).status, RunStatus::kComplete);
  EXPECT_THAT(recorded.lessons.at(0).blocks, SizeIs(0));
  EXPECT_THAT(out_.str(), HasSubstr("Failed in block 1: not built: there is no bin/01-good"));
  // Built since: the run goes on.
  fs::create_symlink(FAKE_LESSON, tree_.bin() / "01-good");
  EXPECT_EQ(Run(ResumeOptions()), kExitOk);
}

TEST_F(BenchTest, RecordsWhichProgramWasMeasuredAndNeverMixesTwo) {
  tree_.AddLesson("01-crashes");
  tree_.AddLesson("02-good");
  tree_.GoodFor("01-crashes", 3);
  EXPECT_EQ(Run(), kExitFailed);
  const std::string id = ProgramId(FAKE_LESSON);
  EXPECT_EQ(Latest().lessons.at(0).build_id, id);
  EXPECT_EQ(Latest().lessons.at(1).build_id, id);
  // Built anew, as another program.
  tree_.ReplaceProgram("01-crashes");
  EXPECT_EQ(Run(ResumeOptions()), kExitUsage);
  EXPECT_EQ(err_.str(),
            "run " + Latest().run.id +
                " cannot go on: 01-crashes was measured with another program (build id " + id +
                ") than the one there is now (" + ProgramId(tree_.bin() / "01-crashes") +
                "); start a new run\n");
  EXPECT_THAT(Latest().lessons.at(0).blocks, SizeIs(3));
}

TEST_F(BenchTest, AProgramThatIsReplacedWhileItIsMeasuredFails) {
  tree_.AddLesson("01-good");
  tree_.AddLesson("02-good");
  // Builds itself anew in its third block.
  fs::create_symlink(FAKE_LESSON, tree_.bin() / "real-good");
  fs::remove(tree_.bin() / "01-good");
  tree_.Script("bin/01-good",
               "cd \"${0%/*}\" && echo >> starts && [ $(wc -l < starts) = 3 ] && "
               "{ sed '$a# new' 01-good > new && chmod +x new && mv new 01-good; }\n"
               "exec ./real-good \"$@\"");
  const std::string before = ProgramId(tree_.bin() / "01-good");
  EXPECT_EQ(Run(), kExitFailed);
  const RecordedRun recorded = Latest();
  EXPECT_EQ(recorded.run.lessons.at(0).failure->reason,
            "its program was replaced while it was measured: build id " + before + ", then " +
                ProgramId(tree_.bin() / "01-good"));
  EXPECT_THAT(recorded.lessons.at(0).blocks, SizeIs(2));
  EXPECT_EQ(recorded.lessons.at(0).build_id, before);
  EXPECT_EQ(recorded.run.lessons.at(1).status, RunStatus::kComplete);
}

TEST_F(BenchTest, AResumptionAfterChangesIsNotClean) {
  tree_.AddLesson("01-crashes");
  Run();
  Json run = LatestFile("run.json");
  run["build"]["dirty"] = false;  // this tree is no checkout: unknown now
  tree_.Write("results/" + Latest().run.id + "/run.json", run.dump());
  tree_.GoodFor("01-crashes", 100);
  EXPECT_EQ(Run(ResumeOptions()), kExitOk);
  EXPECT_EQ(Latest().run.build.dirty, std::nullopt);
  EXPECT_TRUE(LatestFile("run.json")["build"]["dirty"].is_null());
}

TEST_F(BenchTest, ResumeRefusesABrokenFile) {
  tree_.AddLesson("01-crashes");
  tree_.GoodFor("01-crashes", 3);
  Run();
  const std::string file = "results/" + Latest().run.id + "/01-crashes.json";
  const std::string text = ReadFile(tree_.root() / file).value();
  tree_.Write(file, text.substr(0, text.size() / 2));
  EXPECT_EQ(Run(ResumeOptions()), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("01-crashes.json: line "));
}

TEST_F(BenchTest, SomethingInTheWayOfLatestStaysAndTheRunIsFoundByItsName) {
  tree_.AddLesson("01-good");
  for (const bool directory : {true, false}) {
    fs::remove_all(tree_.results());
    tree_.Write(directory ? "results/latest/note" : "results/latest", "mine");
    EXPECT_EQ(Run(), kExitOk);
    EXPECT_THAT(err_.str(), HasSubstr("latest: is in the way: it should be a symbolic link; the "
                                      "newest run is found by its name\n"));
    EXPECT_THAT(out_.str(), Not(HasSubstr("could not be written")));
    const absl::StatusOr<fs::path> newest = FindRun(tree_.results(), "latest");
    ASSERT_TRUE(newest.ok()) << newest.status();
    EXPECT_EQ(ReadRun(*newest)->run.status, RunStatus::kComplete);
    EXPECT_EQ(ReadFile(tree_.results() / (directory ? "latest/note" : "latest")).value(), "mine");
  }
}

TEST_F(BenchTest, SaysWhenALessonIsNotBuiltForMeasuring) {
  tree_.AddLesson("01-good");
  setenv("FAKE_FLAGS", "-O0 -g3", 1);
  EXPECT_EQ(Run(), kExitOk);
  unsetenv("FAKE_FLAGS");
  EXPECT_THAT(err_.str(), HasSubstr("Not for measuring: the program of 01-good was built as Debug "
                                    "with `-O0 -g3`, not with `-O2 -g -DNDEBUG`\n"));
}

TEST_F(BenchTest, AWideThresholdAsksForFewerBlocks) {
  // The noise that takes more than 100 blocks at the usual threshold.
  Json lesson = FakeLessonJson();
  lesson["claims"][0]["threshold"] = 3.0;
  tree_.AddLesson("01-noisy", lesson);
  BenchOptions options = tree_.Options();
  options.mode = "bench";
  options.budget = absl::Minutes(10);
  EXPECT_EQ(Run(options), kExitOk);
  EXPECT_THAT(Latest().lessons.at(0).blocks, SizeIs(kPilot));
}

TEST_F(BenchTest, TellsEveryMistakeBeforeItMeasures) {
  tree_.AddLesson("01-good");
  BenchOptions options = tree_.Options();
  const auto refused = [&](const std::string& line) {
    EXPECT_EQ(Run(options), kExitUsage);
    EXPECT_THAT(err_.str(), HasSubstr(line));
    EXPECT_FALSE(fs::exists(tree_.results()));
    options = tree_.Options();
  };
  options.lessons = {"99"};
  refused("no lesson '99'; there are 01-good\n");
  options.blocks = 9;
  refused("--blocks=9: must be from 10 to 100\n");
  options.budget = absl::Seconds(5);
  refused("--budget: the quick mode measures a fixed number of blocks; leave it out\n");
  options.mode = "bench";
  options.budget = absl::ZeroDuration();
  refused("--budget: must be longer than 0, such as 15s\n");
  options.min_time = absl::Seconds(-1);
  refused("--min_time: must be above 0 and at most 10s\n");
  options.lesson_timeout = absl::ZeroDuration();
  refused("--lesson_timeout: must be longer than 0, such as 60s\n");

  fs::remove(tree_.bin() / "01-good");
  refused("lesson 01-good is not built: there is no bin/01-good\n");
  Json lesson = FakeLessonJson();
  lesson["claims"][1]["expect"] = "bigger";
  tree_.AddLesson("02-good", lesson);
  fs::create_symlink(FAKE_LESSON, tree_.bin() / "01-good");
  refused(
      "lessons/02-good/lesson.json: claims[1].expect: must be one of \"equal\", \"at_most\", "
      "\"at_least\", got \"bigger\"\n");
}

TEST_F(BenchTest, AMeasureThatNooneReportsIsAFailure) {
  Json lesson = FakeLessonJson();
  lesson["claims"][1]["measure"] = "alocs_per_op";
  tree_.AddLesson("01-good", lesson);
  tree_.AddLesson("02-good");
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_EQ(Latest().run.lessons[0].failure->reason,
            "reported no alocs_per_op for slow, which lesson.json asks for");
  EXPECT_EQ(Latest().run.lessons[1].status, RunStatus::kComplete);
}

TEST_F(BenchTest, AMeasureOfTheTableMayBeAbsent) {
  Json lesson = FakeLessonJson();
  lesson["claims"][1]["measure"] = "pause_max_ns";
  tree_.AddLesson("01-good", lesson);
  EXPECT_EQ(Run(), kExitOk);
  EXPECT_EQ(LatestFile("verdicts.json")[1]["verdict"], "too noisy here");
  EXPECT_EQ(LatestFile("verdicts.json")[1]["detail"],
            "longest pause: not reported for slow in every block");
}

TEST_F(BenchTest, KeepsTheTimelinesOfSawtoothCharts) {
  Json lesson = FakeLessonJson();
  lesson["charts"].push_back(
      {{"kind", "sawtooth"}, {"id", "saw"}, {"claim", "faster"}, {"panels", {"fast"}}});
  tree_.AddLesson("01-sleeps", lesson);
  EXPECT_EQ(Run(), kExitOk);
  const LessonRecord record = Latest().lessons.at(0);
  ASSERT_THAT(record.timelines, SizeIs(1));
  const Timeline& timeline = record.timelines.at("fast");
  ASSERT_THAT(timeline.collections, SizeIs(1));
  EXPECT_FALSE(timeline.collections[0].contains("benchmark"));
  EXPECT_EQ(timeline.collections[0]["heap_after_bytes"], 1000);
  ASSERT_FALSE(timeline.rss.empty());
  EXPECT_GT(timeline.rss[0].second, 0);
}

TEST_F(BenchTest, MemoryIsOnTheClockOfTheProgramThatSaysWhenItBegan) {
  Json lesson = FakeLessonJson();
  lesson["charts"].push_back(
      {{"kind", "sawtooth"}, {"id", "saw"}, {"claim", "faster"}, {"panels", {"fast"}}});
  tree_.AddLesson("01-hour", lesson);
  EXPECT_EQ(Run(), kExitOk);
  const LessonRecord record = Latest().lessons.at(0);
  ASSERT_FALSE(record.timelines.at("fast").rss.empty());
  EXPECT_GE(record.timelines.at("fast").rss[0].first, 3600);
  EXPECT_LT(record.timelines.at("fast").rss[0].first, 3700);
  EXPECT_FALSE(record.context.contains("start_ns"))
      << "differs in each process, and is no condition";
}

TEST_F(BenchTest, KeepsTheTimelinesOfPausesCharts) {
  Json lesson = FakeLessonJson();
  lesson["charts"].push_back(
      {{"kind", "pauses"}, {"id", "pauses"}, {"claim", "faster"}, {"variants", {"slow", "fast"}}});
  tree_.AddLesson("01-good", lesson);
  EXPECT_EQ(Run(), kExitOk);
  const LessonRecord record = Latest().lessons.at(0);
  ASSERT_THAT(record.timelines, SizeIs(2));
  EXPECT_EQ(record.timelines.at("slow").collections.at(0)["max_pause_ns"], 10);
}

TEST_F(BenchTest, SetsTheEnvironmentOfAVariantAndRecordsIt) {
  Json lesson = FakeLessonJson("process");
  lesson["variants"][1]["environment"] = {{"GC_MARKERS", "2"}};
  tree_.AddLesson("01-good", lesson);
  setenv("GC_MARKERS", "7", 1);
  EXPECT_EQ(Run(), kExitOk);
  unsetenv("GC_MARKERS");
  const LessonRecord record = Latest().lessons.at(0);
  for (const Block& block : record.blocks) {
    EXPECT_FALSE(block.samples.at("slow").contains("markers_set"));
    EXPECT_EQ(block.samples.at("fast").at("markers_set"), 2);
    EXPECT_EQ(block.samples.at("control").at("markers_set"), 2);
  }
  EXPECT_EQ(record.variants[0].environment, Environment());
  EXPECT_EQ(record.variants[1].environment, (Environment{{"GC_MARKERS", "2"}}));
  EXPECT_EQ(record.context.at("gc_markers"), "differs between the variants");
  EXPECT_EQ(record.context.at("gogc"), "not set");
}

TEST_F(BenchTest, ADeclaredMeasureGetsItsWordsEverywhere) {
  Json lesson = FakeLessonJson("process");
  lesson["variants"][1]["environment"] = {{"GC_MARKERS", "2"}};
  lesson["measures"] = {{"markers_set", {{"label", "markers asked for"}, {"unit", "µs"}}}};
  lesson["claims"][1].update(
      {{"measure", "markers_set"}, {"of", "fast"}, {"value", 2}, {"shown", "It is {estimate}"}});
  tree_.AddLesson("01-good", lesson);
  EXPECT_EQ(Run(), kExitOk);
  const Json results = Json::parse(ReadFile(tree_.results() / "latest/01-good.json").value_or(""));
  EXPECT_EQ(results["measures"]["markers_set"],
            (Json{{"label", "markers asked for"}, {"unit", "µs"}, {"timing", true}}));
  EXPECT_EQ(results["claims"][1]["finding"], "It is 2 µs");
  EXPECT_EQ(results["claims"][1]["unit"], "µs");
}

TEST_F(BenchTest, ADeclaredMeasureThatNoVariantReportsIsRefused) {
  Json lesson = FakeLessonJson();
  lesson["measures"] = {{"look_us", {{"label", "time of a look"}, {"unit", "µs"}}}};
  tree_.AddLesson("01-good", lesson);
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_EQ(Latest().run.lessons.at(0).failure->reason,
            "no variant reported look_us, which lesson.json declares under measures");
  // Where the quick mode leaves a variant out, that one may be it.
  lesson["variants"].push_back({{"name", "extra"}, {"label", "extra"}, {"quick", false}});
  tree_.Write("lessons/01-good/lesson.json", lesson.dump());
  EXPECT_EQ(Run(), kExitOk);
}

TEST_F(BenchTest, ResumeRefusesAnotherEnvironment) {
  Json lesson = FakeLessonJson("process");
  lesson["variants"][1]["environment"] = {{"GC_MARKERS", "2"}};
  tree_.AddLesson("01-crashes", lesson);
  tree_.GoodFor("01-crashes", 3);
  Run();
  lesson["variants"][1]["environment"]["GC_MARKERS"] = "1";
  tree_.Write("lessons/01-crashes/lesson.json", lesson.dump());
  EXPECT_EQ(Run(ResumeOptions()), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("lessons/01-crashes/lesson.json declares other variants now"));
}

TEST_F(BenchTest, LessonsDoNotSeeTheUsersGogc) {
  tree_.AddLesson("01-good");
  setenv("GOGC", "50", 1);
  EXPECT_EQ(Run(), kExitOk);
  unsetenv("GOGC");
  EXPECT_EQ(Latest().lessons.at(0).context.at("gogc"), "not set");
  EXPECT_FALSE(Latest().lessons.at(0).context.contains("host_name"));
}

// Else each would start itself again for that (benchmarks/harness/main.cc).
TEST_F(BenchTest, LessonsHaveTheirCallsBoundWhenTheyStart) {
  tree_.AddLesson("01-good");
  EXPECT_EQ(Run(), kExitOk);
  EXPECT_EQ(Latest().lessons.at(0).context.at("bind_now"), "1");
}

TEST_F(BenchTest, AFullDiskIsSaidOnceAndTheTableIsStillPrinted) {
  tree_.AddLesson("01-interrupts");
  tree_.GoodFor("01-interrupts", 7);
  Run();  // a run to go on with, so that its directory can be spoiled
  const RecordedRun before = Latest();
  const fs::path dir = fs::canonical(tree_.results() / "latest");
  // What a full disk does, for any user: no file can be put in its place. It begins with the first block.
  const std::vector<std::string> files = {"run.json", "01-interrupts.json", "verdicts.json"};
  tree_.GoodFor("01-interrupts", 100);
  setenv("FAKE_FULL_DISK", dir.c_str(), 1);
  EXPECT_EQ(Run(ResumeOptions()), kExitFailed);
  unsetenv("FAKE_FULL_DISK");
  EXPECT_THAT(err_.str(), HasSubstr(".json: cannot write: "));
  EXPECT_THAT(err_.str(), Not(HasSubstr("verdicts.json: cannot write: ")));
  EXPECT_THAT(out_.str(), HasSubstr("A fake (12 blocks)"));
  EXPECT_THAT(out_.str(), HasSubstr(" (not all of it could be written)\n"));

  // With room again the run goes on from what the disk has of it.
  for (const std::string& name : files) {
    fs::remove(dir / name);
    fs::rename(dir / (name + ".kept"), dir / name);
  }
  EXPECT_EQ(Latest().lessons.at(0).blocks.size(), before.lessons.at(0).blocks.size());
  tree_.GoodFor("01-interrupts", 100);
  EXPECT_EQ(Run(ResumeOptions()), kExitOk);
  EXPECT_THAT(Latest().lessons.at(0).blocks, SizeIs(kPilot));
}

TEST_F(BenchTest, DrawsALineOnATerminal) {
  tree_.AddLesson("01-good");
  BenchOptions options = tree_.Options();
  options.err_terminal = {true, 80, true};
  EXPECT_EQ(Run(options), kExitOk);
  EXPECT_THAT(err_.str(), HasSubstr("1/1 01-good, block 12 of 12"));
  EXPECT_THAT(err_.str(), testing::EndsWith("\r\033[K"));
}

TEST(DefaultSettingsTest, NeverFewerThanThePilot) {
  for (const char* mode : {"quick", "bench", "lesson"}) {
    EXPECT_GE(DefaultSettings(mode).min_blocks, kFewestBlocks) << mode;
  }
  EXPECT_EQ(DefaultSettings("quick").max_blocks, DefaultSettings("quick").min_blocks);
}

}  // namespace
}  // namespace heapwise::runner
