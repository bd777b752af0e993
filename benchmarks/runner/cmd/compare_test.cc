#include "benchmarks/runner/cmd/compare.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/cmd/verdicts.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// `count` values spread evenly, on the log scale, from centre / (1 + noise) to centre * (1 +
// noise).
std::vector<double> Spread(double centre, double noise, int count = 12) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(centre * std::pow(1 + noise, 2.0 * i / (count - 1) - 1));
  }
  return values;
}

// The same with normal noise.
std::vector<double> Random(double centre, double noise, int count, int seed) {
  std::mt19937 random(static_cast<unsigned>(seed));
  std::normal_distribution<double> normal(0, noise);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(centre * std::exp(normal(random)));
  return values;
}

TEST(CompareTimesTest, SaysHowMuchFasterOrSlower) {
  const Change faster = CompareTimes(Spread(100, 0.03), Spread(88, 0.03), 0.05);
  EXPECT_TRUE(faster.beyond_noise);
  EXPECT_THAT(faster.words, MatchesRegex("faster by 12 % \\(1[01]-1[23] %\\)"));
  const Change slower = CompareTimes(Spread(88, 0.03), Spread(100, 0.03), 0.05);
  EXPECT_TRUE(slower.beyond_noise);
  EXPECT_THAT(slower.words, MatchesRegex("slower by 14 % \\(1[23]-1[45] %\\)"));
  const Change longer = CompareTimes(Spread(10, 0.03), Spread(30, 0.03), 0.05);
  EXPECT_TRUE(longer.beyond_noise);
  EXPECT_THAT(longer.words, MatchesRegex("3.0 times as long \\(2\\.9.*-3\\.0.*\\)"));
}

TEST(CompareTimesTest, TheNoiseFloorDecides) {
  const auto a = Spread(100, 0.01), b = Spread(88, 0.01);
  EXPECT_TRUE(CompareTimes(a, b, 0.05).beyond_noise);
  EXPECT_FALSE(CompareTimes(a, b, 0.20).beyond_noise);
  EXPECT_EQ(CompareTimes(a, b, 0.20).words, "no change beyond the noise");
}

TEST(CompareTimesTest, TellsNoChangeFromNoKnowledge) {
  EXPECT_EQ(CompareTimes(Spread(100, 0.01), Spread(100, 0.01), 0.05).words,
            "no change beyond the noise");
  const Change noisy = CompareTimes(Spread(100, 0.4), Spread(100, 0.4), 0.05);
  EXPECT_FALSE(noisy.beyond_noise);
  EXPECT_THAT(noisy.words, MatchesRegex("too noisy to tell \\(-.* % to \\+.* %\\)"));
  EXPECT_EQ(CompareTimes(Spread(100, 0.01, 2), Spread(200, 0.01, 2), 0.05).words,
            "too few blocks to tell");
}

TEST(CompareTimesTest, OneWildBlockChangesNothing) {
  auto b = Spread(100, 0.01);
  b[3] = 5000;
  EXPECT_FALSE(CompareTimes(Spread(100, 0.01), b, 0.05).beyond_noise);
}

TEST(CompareTimesTest, SeldomSeesAChangeWhereThereIsNone) {
  int changes = 0;
  for (int seed = 0; seed < 1000; ++seed) {
    const auto a = Random(100, 0.05, 12, 2 * seed), b = Random(100, 0.05, 12, 2 * seed + 1);
    changes += CompareTimes(a, b, 0.05).beyond_noise ? 1 : 0;
  }
  EXPECT_LE(changes, 20);
}

TEST(CompareCountsTest, AnyDifferenceOfWholeNumbersCounts) {
  const Measure allocs = FindMeasure("allocs_per_op", "call");
  EXPECT_EQ(CompareCounts(allocs, std::vector<double>{1, 1}, std::vector<double>{2, 2}).words,
            "allocates 2 instead of 1");
  EXPECT_EQ(CompareCounts(FindMeasure("collections", "call"), std::vector<double>{100},
                          std::vector<double>{101})
                .words,
            "collections: 101 instead of 100");
  EXPECT_FALSE(
      CompareCounts(allocs, std::vector<double>{1, 1}, std::vector<double>{1, 1}).beyond_noise);
}

TEST(CompareCountsTest, NearlyDeterministicOnesNeedMoreThanTheThreshold) {
  const Measure peak = FindMeasure("peak_heap_bytes", "call");
  const auto a = Spread(64 << 20, 0.001);
  EXPECT_FALSE(CompareCounts(peak, a, Spread(66 << 20, 0.001)).beyond_noise);
  const Change change = CompareCounts(peak, a, Spread(128 << 20, 0.001));
  EXPECT_TRUE(change.beyond_noise);
  EXPECT_EQ(change.words, "peak heap in use: 128 MiB instead of 64 MiB");
  // As far apart in the middle, but in one spread.
  EXPECT_FALSE(CompareCounts(peak, Spread(100, 0.5), Spread(110, 0.5)).beyond_noise);
  EXPECT_EQ(CompareCounts(peak, std::vector<double>{1.5}, std::vector<double>{2.5}).words,
            "too few blocks to tell");
}

TEST(CompareCountsTest, FromNothingAndToNothing) {
  const Measure allocs = FindMeasure("allocs_per_op", "call");
  EXPECT_EQ(CompareCounts(allocs, std::vector<double>{0, 0}, std::vector<double>{1, 1}).words,
            "allocates 1 instead of 0");
  EXPECT_TRUE(CompareCounts(allocs, Spread(0.25, 0.01), std::vector<double>(12, 0.0)).beyond_noise);
}

TEST(CompareRatiosTest, WorkedExample) {
  // ln(2.0 / 2.2) = -0.0953. Down: hypot(ln(2.0/1.96), ln(2.24/2.2)) = hypot(0.02020, 0.01802) =
  // 0.02707; up: hypot(ln(2.05/2.0), ln(2.2/2.15)) = hypot(0.02469, 0.02299) = 0.03374. So 0.9091,
  // from 0.8848 to 0.9403.
  const Change change = CompareRatios({2.2, 2.15, 2.24}, {2.0, 1.96, 2.05}, 0.05);
  EXPECT_TRUE(change.beyond_noise);
  EXPECT_EQ(change.words, "smaller by 9.1 % (6.0-12 %)");
  EXPECT_EQ(CompareRatios({2.2, 2.15, 2.24}, {2.0, 1.96, 2.05}, 0.10).words,
            "too noisy to tell (-12 % to -6.0 %)");
  EXPECT_EQ(CompareRatios({2.2, 2.19, 2.21}, {2.2, 2.19, 2.21}, 0.05).words,
            "no change beyond the noise");
}

// Two recorded runs of one lesson in a directory of their own.
class RunCompareTest : public ::testing::Test {
 protected:
  RunCompareTest() {
    a_ = Run("a");
    b_ = Run("b");
    tree_.AddLesson("05-value-return", json_);
  }

  struct Recorded {
    RunRecord run;
    LessonRecord lesson;
  };

  // As lesson.json says now.
  void Declare(const std::string& lesson = "05-value-return") const {
    tree_.Write("lessons/" + lesson + "/lesson.json", json_.dump());
  }

  static Recorded Run(const std::string& id) {
    Recorded recorded;
    RunRecord& run = recorded.run;
    run.id = id;
    run.mode = "bench";
    run.started = "2026-11-23T10:15:00Z";
    run.finished = "2026-11-23T10:16:20Z";
    run.status = RunStatus::kComplete;
    run.machine = {"Some CPU", 2, int64_t{1} << 34, "6.1", "performance"};
    run.build = {"GNU 12.2.0", "Release", "-O2 -g -DNDEBUG", "abc1234", false, "1.7.1", "8.2.2"};
    run.settings = {12, 100, 18, 0.02, 0.02, 0.05, 60};
    run.lessons = {{"05-value-return", RunStatus::kComplete, 12, std::nullopt}};
    LessonRecord& lesson = recorded.lesson;
    lesson.lesson = "05-value-return";
    lesson.title = "Return values";
    lesson.operation = "call";
    lesson.isolation = "together";
    lesson.status = RunStatus::kComplete;
    lesson.slow = "slow";
    lesson.fast = "fast";
    lesson.control = "control";
    lesson.variants = {{"slow", "pointer"}, {"fast", "value"}};
    const auto slow = Spread(40, 0.01), fast = Spread(2, 0.01), control = Spread(2, 0.01);
    for (size_t i = 0; i < slow.size(); ++i) {
      const auto sample = [](double time, double allocs) {
        return Sample{{"iterations", 1000},
                      {"time_ns", time},
                      {"allocs_per_op", allocs},
                      {"new_allocs_per_op", allocs}};
      };
      lesson.blocks.push_back({{"slow", "fast", "control"},
                               {{"slow", sample(slow[i], 1)},
                                {"fast", sample(fast[i], 0)},
                                {"control", sample(control[i], 0)}}});
    }
    return recorded;
  }

  void Write(const Recorded& recorded, const std::string& name) {
    fs::create_directories(dir_ / name);
    std::ofstream(dir_ / name / "run.json") << RunToText(recorded.run);
    std::ofstream(dir_ / name / (recorded.lesson.lesson + ".json"))
        << LessonToJson(recorded.lesson).dump();
  }

  void Compare() {
    out_.str("");
    err_.str("");
    status_ = RunCompare(tree_.root(), dir_ / "a", dir_ / "b", out_, err_);
  }

  void WriteAndCompare() {
    Write(a_, "a");
    Write(b_, "b");
    Compare();
  }

  void Scale(LessonRecord& lesson, const std::string& variant, const std::string& measure,
             double factor) {
    for (Block& block : lesson.blocks) block.samples[variant][measure] *= factor;
  }

  const FakeTree tree_;
  const fs::path dir_ = tree_.results();
  Json json_ = FakeLessonJson();
  Recorded a_, b_;
  std::ostringstream out_, err_;
  int status_ = -1;
};

TEST_F(RunCompareTest, TwoRunsOfTheSame) {
  WriteAndCompare();
  EXPECT_EQ(status_, 0);
  EXPECT_EQ(err_.str(), "");
  EXPECT_THAT(out_.str(), HasSubstr("Conditions: the same\n"));
  EXPECT_THAT(out_.str(), HasSubstr("noise floor 5.0 %"));
  EXPECT_THAT(out_.str(),
              HasSubstr("20.0 (20.0-20.0)  20.0 (20.0-20.0)  no change beyond the noise\n"));
  EXPECT_THAT(out_.str(), HasSubstr("Nothing changed beyond the noise.\n"));
}

TEST_F(RunCompareTest, NamesWhatChanged) {
  Scale(b_.lesson, "slow", "time_ns", 0.8);
  Scale(b_.lesson, "slow", "allocs_per_op", 2);
  Scale(b_.lesson, "slow", "new_allocs_per_op", 2);
  WriteAndCompare();
  EXPECT_EQ(status_, 0);
  EXPECT_THAT(out_.str(), HasSubstr("faster by "));
  EXPECT_THAT(out_.str(), HasSubstr("allocates 2 instead of 1\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("operator new")));  // it is the same change
  EXPECT_THAT(out_.str(), HasSubstr("16.0 (16.0-16.0)  smaller by 20 % (20-20 %)\n"));
  EXPECT_THAT(out_.str(), HasSubstr("3 changes beyond the noise.\n"));
}

TEST_F(RunCompareTest, CollectionsOfLoopsThatDifferInLengthAreNotCompared) {
  for (Block& block : a_.lesson.blocks) block.samples["slow"]["collections"] = 40;
  for (Block& block : b_.lesson.blocks) block.samples["slow"]["collections"] = 10;
  WriteAndCompare();
  EXPECT_THAT(out_.str(), HasSubstr("collections: 10 instead of 40\n"));
  Scale(b_.lesson, "slow", "iterations", 0.25);
  WriteAndCompare();
  EXPECT_THAT(out_.str(), Not(HasSubstr("collections")));
}

TEST_F(RunCompareTest, AnUnsteadyControlOfEitherRunRaisesTheFloor) {
  // The control of A says that this machine sees 30 % where there is nothing: 10 % is no finding
  // then.
  Scale(a_.lesson, "control", "time_ns", 1.3);
  Scale(b_.lesson, "slow", "time_ns", 0.9);
  WriteAndCompare();
  EXPECT_GT(NoiseFloor(a_.lesson, b_.lesson), 0.29);
  EXPECT_EQ(NoiseFloor(b_.lesson, a_.lesson), NoiseFloor(a_.lesson, b_.lesson));
  EXPECT_THAT(out_.str(), Not(HasSubstr("faster by")));
  EXPECT_THAT(out_.str(), HasSubstr("Nothing changed beyond the noise.\n"));
}

TEST_F(RunCompareTest, NamesConditionsThatDiffer) {
  b_.run.build.compiler = "Clang 14.0.6";
  b_.run.build.dirty = true;
  b_.run.machine.governor = "powersave";
  a_.lesson.context = {{"gc_markers", "1"}, {"initial_heap_bytes", "65536"}};
  b_.lesson.context = {{"gc_markers", "2"}};
  WriteAndCompare();
  EXPECT_THAT(
      DifferingConditions(a_.run, b_.run),
      ElementsAre("governor: performance -> powersave", "compiler: GNU 12.2.0 -> Clang 14.0.6",
                  "commit: abc1234 -> abc1234 with changes"));
  EXPECT_THAT(out_.str(), HasSubstr("  compiler: GNU 12.2.0 -> Clang 14.0.6\n"));
  EXPECT_THAT(out_.str(), HasSubstr("  gc_markers: 1 -> 2\n"));
  EXPECT_THAT(out_.str(), HasSubstr("  initial_heap_bytes: 65536 -> absent\n"));
}

TEST_F(RunCompareTest, NamesWhatOnlyOneRunHas) {
  a_.lesson.variants.emplace_back("slow_inlined", "inlined");
  for (Block& block : a_.lesson.blocks) block.samples["slow_inlined"] = block.samples["fast"];
  json_["variants"].push_back({{"name", "slow_inlined"}, {"label", "inlined"}});
  json_["claims"].push_back(json_["claims"][0]);
  json_["claims"].back()["id"] = "inlined-is-faster";
  json_["claims"].back()["over"] = "slow_inlined";
  Declare();
  b_.run.lessons.push_back({"07-buffer-pool", RunStatus::kFailed, 0,
                            Failure{"killed by signal 9 (Killed)", 1, std::nullopt, ""}});
  WriteAndCompare();
  EXPECT_EQ(status_, 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("  only in A: variant slow_inlined\n"));
  EXPECT_THAT(out_.str(), HasSubstr("  only in A: claim inlined-is-faster\n"));
  EXPECT_THAT(out_.str(), HasSubstr("07-buffer-pool\n  A: not part of the run\n"
                                    "  B: failed after 0 blocks: killed by signal 9 (Killed)\n"));
  std::swap(a_, b_);
  WriteAndCompare();
  EXPECT_THAT(out_.str(), HasSubstr("  only in B: claim inlined-is-faster\n"));
}

TEST_F(RunCompareTest, ALessonOfOneRunOnly) {
  b_.run.lessons[0].lesson = b_.lesson.lesson = "06-avoid-allocation";
  tree_.AddLesson("06-avoid-allocation");
  WriteAndCompare();
  EXPECT_THAT(out_.str(), HasSubstr("05-value-return\n  B: not part of the run\n"
                                    "  nothing to compare: it is there only in A\n"));
  EXPECT_THAT(out_.str(), HasSubstr("06-avoid-allocation\n  A: not part of the run\n"
                                    "  nothing to compare: it is there only in B\n"));
}

TEST_F(RunCompareTest, AVerdictThatChanged) {
  json_["claims"][0]["threshold"] = 18.9;  // 20 times as long is shown, 19 times is not
  Declare();
  Scale(b_.lesson, "slow", "time_ns", 0.95);
  WriteAndCompare();
  EXPECT_THAT(out_.str(), HasSubstr("; shown -> contradicted\n"));
}

// One truth: what lesson.json says now, whatever was judged when the run was made.
TEST_F(RunCompareTest, JudgesAsVerdictsDoesAfterLessonJsonWasEdited) {
  Scale(b_.lesson, "slow", "time_ns", 0.95);
  Write(a_, "a");
  Write(b_, "b");
  const auto verdict_in = [&](const char* run) {
    std::ostringstream out;
    EXPECT_EQ(RunVerdicts(tree_.root(), dir_ / run, true, Terminal(), out, err_), 0);
    return Json::parse(out.str())[0]["verdict"].get<std::string>();
  };
  Compare();
  EXPECT_EQ(verdict_in("a"), "shown");
  EXPECT_EQ(verdict_in("b"), "shown");
  EXPECT_THAT(out_.str(), Not(HasSubstr("->")));
  json_["claims"][0]["threshold"] = 18.9;
  Declare();
  Compare();
  EXPECT_EQ(verdict_in("a"), "shown");
  EXPECT_EQ(verdict_in("b"), "contradicted");
  EXPECT_THAT(out_.str(), HasSubstr("; shown -> contradicted\n"));
}

TEST_F(RunCompareTest, WithoutLessonJsonOnlyTheClaimsAreLeftOut) {
  fs::remove_all(tree_.root() / "lessons/05-value-return");
  Scale(b_.lesson, "slow", "time_ns", 0.8);
  WriteAndCompare();
  EXPECT_EQ(status_, 1);
  EXPECT_EQ(err_.str(), "left out: the claims of 05-value-return: " +
                            (tree_.root() / "lessons/05-value-return/lesson.json").string() +
                            ": cannot read: No such file or directory\n");
  EXPECT_THAT(out_.str(), HasSubstr("faster by 20 %"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("ratio in A")));
}

TEST_F(RunCompareTest, RefusesWhatItCannotRead) {
  const auto expect_refusal = [&](const std::string& wanted) {
    Compare();
    EXPECT_EQ(status_, 2);
    EXPECT_EQ(out_.str(), "");
    EXPECT_THAT(err_.str(), HasSubstr(wanted));
    const std::string error = err_.str();
    EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 1) << error;
  };
  Write(a_, "a");
  expect_refusal((dir_ / "b/run.json").string());
  std::ofstream(dir_ / "a/run.json") << "{\"format\": 1";
  expect_refusal((dir_ / "a/run.json").string());
}

TEST_F(RunCompareTest, ABrokenFileDoesNotStandInTheWayOfTheOthers) {
  // A second lesson in both.
  for (Recorded* recorded : {&a_, &b_}) {
    recorded->run.lessons.push_back({"06-broken", RunStatus::kComplete, 12, std::nullopt});
  }
  Write(a_, "a");
  Write(b_, "b");
  const fs::path file = dir_ / "a/06-broken.json";
  LessonRecord broken = a_.lesson;
  broken.lesson = "06-broken";
  Json good = LessonToJson(broken);
  std::ofstream(dir_ / "b/06-broken.json") << good.dump();
  tree_.AddLesson("06-broken");
  const auto expect_left_out = [&](const std::string& why) {
    Compare();
    EXPECT_EQ(status_, 1);
    EXPECT_EQ(err_.str(), "left out: 06-broken: " + file.string() + why + "\n");
    EXPECT_THAT(out_.str(), HasSubstr("20.0 (20.0-20.0)  20.0 (20.0-20.0)  no change"));
    EXPECT_THAT(out_.str(), HasSubstr("06-broken\n  A: its file cannot be read\n"
                                      "  nothing to compare: it is there only in B\n"));
  };
  expect_left_out(": cannot read: No such file or directory");
  std::ofstream(file) << "{\"format\": 1";
  expect_left_out(": line 1, column 13: is not JSON");
  good["status"] = "proven";
  std::ofstream(file) << good.dump();
  expect_left_out(
      ": status: must be one of \"complete\", \"failed\", \"interrupted\", \"running\", got "
      "\"proven\"");
}

TEST_F(RunCompareTest, SaysWhatWasNotBuiltForMeasuring) {
  b_.run.build.build_type = "Debug";
  b_.run.build.flags = "-g";
  WriteAndCompare();
  EXPECT_THAT(out_.str(), HasSubstr("  build type: Release -> Debug\n"
                                    "  flags: -O2 -g -DNDEBUG -> -g\n"
                                    "Not for measuring: B was built as Debug with `-g`, not with "
                                    "`-O2 -g -DNDEBUG`\n"));
}

}  // namespace
}  // namespace heapwise::runner
