#include "benchmarks/runner/judge/analysis.h"

#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A little noise, the same in every test.
double Noise(int block) { return 1 + 0.002 * ((block * 7) % 5 - 2); }

LessonFile FakeLesson(const Json& json = FakeLessonJson()) {
  const absl::StatusOr<LessonFile> lesson = ParseLessonFile("05-fake", "lesson.json", json.dump());
  EXPECT_TRUE(lesson.ok()) << lesson.status();
  return *lesson;
}

// Blocks in which each variant's time is the given one with noise, and slow allocates once.
std::vector<Block> FakeBlocks(int count, const std::map<std::string, double>& times) {
  std::vector<Block> blocks(count);
  for (int i = 0; i < count; ++i) {
    int variant_number = 0;
    for (const auto& [variant, ns] : times) {
      Sample& sample = blocks[i].samples[variant];
      sample["iterations"] = 1000;
      sample["time_ns"] = ns * Noise(i + 3 * variant_number++);
      sample["allocs_per_op"] = variant == "slow" ? 1 : 0;
    }
  }
  return blocks;
}

const std::map<std::string, double> kTwice = {{"slow", 40}, {"fast", 20}, {"control", 20}};

TEST(AnalysisTest, JudgesInWords) {
  const LessonAnalysis analysis = Analyze(FakeLesson(), FakeBlocks(12, kTwice));
  ASSERT_THAT(analysis.claims, SizeIs(2));
  const ClaimResult& faster = analysis.claims[0];
  EXPECT_EQ(faster.verdict, stats::Verdict::kShown);
  EXPECT_EQ(faster.unit, "ratio");
  EXPECT_EQ(faster.finding, "Slow takes 2.0 times as long");
  EXPECT_EQ(faster.detail, "2.00, 95 % interval 1.99 to 2.00");
  EXPECT_EQ(faster.number, "2.00 (1.99 to 2.00)");
  EXPECT_TRUE(faster.timing);
  EXPECT_TRUE(faster.trusted);
  const ClaimResult& nothing = analysis.claims[1];
  EXPECT_EQ(nothing.verdict, stats::Verdict::kContradicted);
  EXPECT_EQ(nothing.unit, "allocations");
  EXPECT_EQ(nothing.finding, "Slow costs 1 allocation, not 0");
  EXPECT_EQ(nothing.detail, "1 allocation in each of 12 blocks");
  EXPECT_FALSE(nothing.timing);
}

// A result that nobody has judged yet says nothing against itself.
TEST(AnalysisTest, AClaimIsTrustedUntilTheControlSaysOtherwise) {
  const ClaimResult claim;
  EXPECT_EQ(claim.verdict, stats::Verdict::kTooNoisy);
  EXPECT_TRUE(claim.trusted);
  EXPECT_TRUE(claim.timing);
  const LessonAnalysis analysis = Analyze(FakeLesson(), FakeBlocks(5, kTwice));
  EXPECT_FALSE(analysis.control.has_value());
  for (const ClaimResult& judged : analysis.claims) EXPECT_TRUE(judged.trusted) << judged.claim;
}

TEST(AnalysisTest, ARatioOfSmallNumbersIsOneToo) {
  const std::map<std::string, double> small = {{"slow", 0.4}, {"fast", 0.2}, {"control", 0.2}};
  EXPECT_EQ(Analyze(FakeLesson(), FakeBlocks(12, small)).claims[0].number, "2.00 (1.99 to 2.00)");
  std::vector<Block> blocks = FakeBlocks(12, kTwice);
  blocks[7].samples["slow"]["time_ns"] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Analyze(FakeLesson(), blocks).claims[0].detail,
            "time per call: not above 0 for slow in 1 of 12 blocks, and a ratio needs that");
}

TEST(AnalysisTest, TooFewBlocksGiveNoNumbers) {
  const LessonAnalysis analysis = Analyze(FakeLesson(), FakeBlocks(5, kTwice));
  for (const ClaimResult& claim : analysis.claims) {
    EXPECT_EQ(claim.verdict, stats::Verdict::kTooNoisy);
    EXPECT_FALSE(claim.interval.has_value());
    EXPECT_EQ(claim.detail, "5 blocks: an interval needs at least 6");
  }
  EXPECT_EQ(analysis.claims[0].finding, "Too noisy here to say: Fast is faster than slow");
  EXPECT_FALSE(analysis.control.has_value());
  EXPECT_THAT(analysis.SummaryOf("slow"), IsEmpty());
  EXPECT_THAT(analysis.SummaryOf("nobody"), IsEmpty());
  EXPECT_EQ(Analyze(FakeLesson(), {}).claims[0].detail, "nothing was measured");
}

// The verdict on the claim that slow over fast is as expected, where it is `ratio` in every block.
stats::Verdict VerdictAt(const char* expect, double threshold, double ratio) {
  Json json = FakeLessonJson();
  json["claims"][0]["expect"] = expect;
  json["claims"][0]["threshold"] = threshold;
  std::vector<Block> blocks = FakeBlocks(12, kTwice);
  for (Block& block : blocks) {
    block.samples["slow"]["time_ns"] = block.samples["fast"]["time_ns"] * ratio;
  }
  return Analyze(FakeLesson(json), blocks).claims[0].verdict;
}

TEST(AnalysisTest, AClaimOnARatioIsHeldAgainstItsOwnThreshold) {
  using stats::Verdict;
  for (const double threshold : {0.02, 0.05, 0.5, 2.0}) {
    const double upper = 1 + threshold, lower = 1 / upper;
    for (const bool beyond : {false, true}) {
      const double high = upper * (beyond ? 1.001 : 0.999), low = lower * (beyond ? 0.999 : 1.001);
      SCOPED_TRACE(
          absl::StrFormat("threshold %g, %s", threshold, beyond ? "beyond it" : "within it"));
      const Verdict differs = beyond ? Verdict::kShown : Verdict::kContradicted;
      EXPECT_EQ(VerdictAt("more", threshold, high), differs);
      EXPECT_EQ(VerdictAt("more", threshold, low), Verdict::kContradicted);
      EXPECT_EQ(VerdictAt("less", threshold, low), differs);
      EXPECT_EQ(VerdictAt("less", threshold, high), Verdict::kContradicted);
      const Verdict same = beyond ? Verdict::kContradicted : Verdict::kShown;
      EXPECT_EQ(VerdictAt("same", threshold, high), same);
      EXPECT_EQ(VerdictAt("same", threshold, low), same);
    }
  }
}

TEST(AnalysisTest, AnExactClaimIsHeldAgainstItsValue) {
  using stats::Verdict;
  const auto verdict_at = [](const char* expect, double allocs) {
    Json json = FakeLessonJson();
    json["claims"][1]["expect"] = expect;
    json["claims"][1]["value"] = 3;
    std::vector<Block> blocks = FakeBlocks(12, kTwice);
    for (Block& block : blocks) block.samples["slow"]["allocs_per_op"] = allocs;
    return Analyze(FakeLesson(json), blocks).claims[1].verdict;
  };
  const Verdict yes = Verdict::kShown, no = Verdict::kContradicted;
  for (const auto& [allocs, equal, at_most, at_least] :
       {std::tuple(2.999, no, yes, no), std::tuple(3.0, yes, yes, yes),
        std::tuple(3.001, no, no, yes)}) {
    EXPECT_EQ(verdict_at("equal", allocs), equal) << allocs;
    EXPECT_EQ(verdict_at("at_most", allocs), at_most) << allocs;
    EXPECT_EQ(verdict_at("at_least", allocs), at_least) << allocs;
  }
}

TEST(AnalysisTest, NoiseMakesNoVerdict) {
  std::vector<Block> blocks = FakeBlocks(12, {{"slow", 21}, {"fast", 20}, {"control", 20}});
  for (size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].samples["slow"]["time_ns"] *= i % 2 == 0 ? 1.3 : 0.8;
  }
  const ClaimResult claim = Analyze(FakeLesson(), blocks).claims[0];
  EXPECT_EQ(claim.verdict, stats::Verdict::kTooNoisy);
  EXPECT_TRUE(claim.interval.has_value());
}

TEST(AnalysisTest, AControlThatExcludesOneMarksTheTimingsThatItWouldChange) {
  const auto analyze = [](double slow, double control) {
    return Analyze(FakeLesson(),
                   FakeBlocks(12, {{"slow", slow}, {"fast", 20}, {"control", control}}));
  };
  // Off by a tenth, and slow takes a ninth longer: 1.11 / 1.1 is nothing that a verdict can rest on.
  const LessonAnalysis near = analyze(22.2, 22);
  ASSERT_TRUE(near.control.has_value());
  EXPECT_FALSE(near.control->trusted);
  EXPECT_THAT(near.control->words,
              HasSubstr("Verdicts on time that so much would change are marked untrusted."));
  EXPECT_EQ(near.claims[0].verdict, stats::Verdict::kShown);
  EXPECT_FALSE(near.claims[0].trusted);
  EXPECT_TRUE(near.claims[1].trusted) << "a count";
  // Twice as long it is in any case.
  EXPECT_TRUE(analyze(40, 22).claims[0].trusted);
  EXPECT_TRUE(analyze(40, 18).claims[0].trusted);
  // Wherever the control is, where it is not off.
  EXPECT_TRUE(analyze(22.2, 20).claims[0].trusted);
}

TEST(AnalysisTest, AControlThatIsOffMarksTimesNearTheirBound) {
  const auto trusted_at = [](double bound, const char* expect) {
    Json json = FakeLessonJson();
    json["claims"][1]["measure"] = "time_ns";
    json["claims"][1]["expect"] = expect;
    json["claims"][1]["value"] = bound;
    const LessonAnalysis analysis =
        Analyze(FakeLesson(json), FakeBlocks(12, {{"slow", 40}, {"fast", 20}, {"control", 22}}));
    return analysis.claims[1].trusted;
  };
  EXPECT_TRUE(trusted_at(50, "at_most"));
  EXPECT_FALSE(trusted_at(42, "at_most"));
  EXPECT_FALSE(trusted_at(38, "at_most"));
  EXPECT_TRUE(trusted_at(30, "at_most"));
  EXPECT_FALSE(trusted_at(38, "at_least"));
  EXPECT_FALSE(trusted_at(42, "at_least"));
}

TEST(AnalysisTest, TheControlSaysWhatCanBeToldApart) {
  const LessonAnalysis analysis = Analyze(FakeLesson(), FakeBlocks(12, kTwice));
  ASSERT_TRUE(analysis.control.has_value());
  EXPECT_TRUE(analysis.control->trusted);
  EXPECT_THAT(analysis.control->words,
              testing::MatchesRegex("This machine tells .* % apart here."));
}

TEST(AnalysisTest, ARatioWithAZeroIsExplained) {
  Json json = FakeLessonJson();
  json["claims"][0]["measure"] = "allocs_per_op";
  const LessonAnalysis analysis = Analyze(FakeLesson(json), FakeBlocks(12, kTwice));
  const ClaimResult& claim = analysis.claims[0];
  EXPECT_EQ(claim.verdict, stats::Verdict::kTooNoisy);
  EXPECT_FALSE(claim.interval.has_value());
  EXPECT_EQ(
      claim.detail,
      "allocations per call: not above 0 for fast in 12 of 12 blocks, and a ratio needs that");
}

TEST(AnalysisTest, AMeasureThatIsMissingIsExplained) {
  std::vector<Block> blocks = FakeBlocks(12, kTwice);
  blocks[4].samples["slow"].erase("allocs_per_op");
  EXPECT_EQ(Analyze(FakeLesson(), blocks).claims[1].detail,
            "allocations per call: not reported for slow in every block");
}

TEST(AnalysisTest, AnExactClaimShowsItsRange) {
  std::vector<Block> blocks = FakeBlocks(12, kTwice);
  blocks[4].samples["slow"]["allocs_per_op"] = 0;
  const ClaimResult claim = Analyze(FakeLesson(), blocks).claims[1];
  EXPECT_EQ(claim.verdict, stats::Verdict::kTooNoisy);
  EXPECT_EQ(claim.interval->estimate, 1);
  EXPECT_EQ(claim.interval->low, 0);
  EXPECT_EQ(claim.number, "1 allocation (0 to 1)");
  EXPECT_EQ(claim.detail, "1 allocation, over 12 blocks from 0 allocations to 1 allocation");
}

TEST(AnalysisTest, SummariesFlagOutliersAndKeepThem) {
  std::vector<Block> blocks = FakeBlocks(12, kTwice);
  blocks[3].samples["fast"]["time_ns"] = 500;
  const Summary summary = Analyze(FakeLesson(), blocks).SummaryOf("fast").at("time_ns");
  EXPECT_EQ(summary.outliers, 1u);
  EXPECT_EQ(summary.max, 500);
  EXPECT_EQ(summary.min, 20 * 0.996);
  EXPECT_NEAR(summary.interval.estimate, 20, 0.2);
  EXPECT_LT(summary.interval.high, 21);
}

TEST(AnalysisTest, RatiosOfRowsAndClaimsOnceEach) {
  const std::vector<RatioResult> ratios = Analyze(FakeLesson(), FakeBlocks(12, kTwice)).ratios;
  ASSERT_THAT(ratios, SizeIs(1));  // the claim's pair is the chart's
  EXPECT_EQ(ratios[0].label, "both");
  ASSERT_TRUE(ratios[0].control.has_value());
  EXPECT_NEAR(ratios[0].control->estimate, 1, 0.01);
}

Json WithVariants(std::initializer_list<const char*> names) {
  Json json = FakeLessonJson();
  for (const char* name : names) json["variants"].push_back({{"name", name}, {"label", name}});
  return json;
}

TEST(AnalysisTest, GrowthIsFitted) {
  Json json = WithVariants({"s/2", "s/4", "s/8"});
  Json chart = Json::parse(
      R"({"kind": "growth", "id": "growth", "claim": "faster", "measure": "time_ns",
          "x_label": "size", "x_unit": "B", "series": [{"label": "l", "role": "slow",
          "points": [[1, "slow"], [2, "s/2"], [4, "s/4"], [8, "s/8"]]}]})");
  json["charts"].push_back(chart);
  std::map<std::string, double> times = kTwice;
  times["s/2"] = 80;
  times["s/4"] = 160;
  times["s/8"] = 320;
  std::vector<GrowthResult> growth = Analyze(FakeLesson(json), FakeBlocks(12, times)).growth;
  ASSERT_THAT(growth, SizeIs(1));
  EXPECT_EQ(growth[0].words, "grows as the size to the power 1.00");
  times["s/2"] = 20;
  times["s/4"] = 10;
  times["s/8"] = 5;
  growth = Analyze(FakeLesson(json), FakeBlocks(12, times)).growth;
  EXPECT_EQ(growth[0].words, "falls as 1 over the size to the power 1.00");
  times["s/2"] = times["s/4"] = times["s/8"] = 40;
  growth = Analyze(FakeLesson(json), FakeBlocks(12, times)).growth;
  EXPECT_EQ(growth[0].words, "no growth with the size that can be told");

  // The same in each block: the interval is 0 and nothing else.
  std::vector<Block> blocks = FakeBlocks(12, times);
  for (Block& block : blocks) {
    for (const char* name : {"slow", "s/2", "s/4", "s/8"}) block.samples[name]["time_ns"] = 40;
  }
  growth = Analyze(FakeLesson(json), blocks).growth;
  EXPECT_EQ(growth[0].words, "no growth with the size that can be told");
  EXPECT_EQ(growth[0].exponent.low, 0);
  // A curve with a gap is none.
  blocks[5].samples["s/4"].erase("time_ns");
  EXPECT_THAT(Analyze(FakeLesson(json), blocks).growth, IsEmpty());
  EXPECT_THAT(Analyze(FakeLesson(json), FakeBlocks(5, times)).growth, IsEmpty()) << "too few";
  json["charts"][1]["x_label"] = "GOGC";
  times["s/2"] = 80;
  times["s/4"] = 160;
  times["s/8"] = 320;
  EXPECT_EQ(Analyze(FakeLesson(json), FakeBlocks(12, times)).growth.at(0).words,
            "grows as GOGC to the power 1.00");
}

TEST(AnalysisTest, ParetoFrontOfMeasures) {
  Json json = WithVariants({"other"});
  json["charts"].push_back(Json::parse(
      R"({"kind": "pareto", "id": "pareto", "claim": "faster", "x": "time_ns",
          "y": "ops_per_second", "points": ["slow", "fast", "other"]})"));
  std::map<std::string, double> times = kTwice;
  times["other"] = 10;
  std::vector<Block> blocks = FakeBlocks(12, times);
  for (Block& block : blocks) {
    block.samples["slow"]["ops_per_second"] = 5;
    block.samples["fast"]["ops_per_second"] = 9;
    block.samples["other"]["ops_per_second"] = 7;
  }
  const std::vector<ParetoResult> pareto = Analyze(FakeLesson(json), blocks).pareto;
  ASSERT_THAT(pareto, SizeIs(1));
  EXPECT_EQ(pareto[0].chart, "pareto");
  EXPECT_THAT(pareto[0].front, ElementsAre("other", "fast"));

  // The other way round the same two are best.
  json["charts"][1]["x"] = "ops_per_second";
  json["charts"][1]["y"] = "time_ns";
  EXPECT_THAT(Analyze(FakeLesson(json), blocks).pareto.at(0).front, ElementsAre("fast", "other"));
  // Who lacks either has no place.
  std::vector<Block> without_y = blocks;
  without_y[2].samples["other"].erase("time_ns");
  EXPECT_THAT(Analyze(FakeLesson(json), without_y).pareto.at(0).front, ElementsAre("fast"));
  blocks[2].samples["fast"].erase("ops_per_second");
  EXPECT_THAT(Analyze(FakeLesson(json), blocks).pareto.at(0).front, ElementsAre("other"));
}

TEST(AnalysisTest, SharesThatSurvived) {
  Json json = WithVariants({"none"});
  json["charts"].push_back(Json::parse(
      R"({"kind": "survival", "id": "curve", "claim": "faster", "measure": "survived",
          "x_label": "limit", "x_unit": "%", "points": [[90, "fast"], [100, "slow"]],
          "beside": ["none"]})"));
  std::vector<Block> blocks = FakeBlocks(12, kTwice);
  for (size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].samples["fast"]["survived"] = 1;
    blocks[i].samples["slow"]["survived"] = i < 3 ? 1.0 : 0.0;
    blocks[i].samples["none"]["survived"] = 0.5;
    for (const char* name : {"fast", "slow"}) blocks[i].samples[name]["iterations"] = 1;
    blocks[i].samples["none"]["iterations"] = 2;
  }
  const LessonAnalysis analysis = Analyze(FakeLesson(json), blocks);
  EXPECT_THAT(analysis.growth, SizeIs(0)) << "its curve is no growth curve";
  ASSERT_THAT(analysis.survival, SizeIs(1));
  const std::vector<SurvivalShare>& shares = analysis.survival[0].shares;
  ASSERT_THAT(shares, SizeIs(3));
  EXPECT_EQ(shares[0].variant, "fast");
  EXPECT_EQ(shares[0].survived, 12);
  EXPECT_EQ(shares[0].runs, 12);
  EXPECT_EQ(shares[0].interval.high, 1);
  EXPECT_NEAR(shares[0].interval.low, 0.7575, 0.0001);
  EXPECT_EQ(shares[1].survived, 3);
  EXPECT_EQ(shares[1].interval.estimate, 0.25);
  EXPECT_EQ(shares[2].runs, 24);
  EXPECT_EQ(shares[2].interval.estimate, 0.5);

  blocks[3].samples["slow"]["survived"] = 2;  // no share
  EXPECT_THAT(Analyze(FakeLesson(json), blocks).survival[0].shares, SizeIs(2));
}

TEST(AnalysisTest, AZeroGivesNoRatio) {
  std::vector<Block> blocks = FakeBlocks(12, kTwice);
  for (Block& block : blocks) block.samples["fast"]["time_ns"] = 0;
  EXPECT_THAT(Analyze(FakeLesson(), blocks).ratios, IsEmpty());
}

TEST(AnalysisTest, LogRatiosForTheStopRule) {
  Json json = FakeLessonJson();
  Json claim = json["claims"][0];
  claim["id"] = "deterministic";
  claim["measure"] = "collections";
  json["claims"].push_back(claim);
  std::vector<Block> blocks = FakeBlocks(12, kTwice);
  for (Block& block : blocks) {
    for (auto& [variant, sample] : block.samples) sample["collections"] = 3;
  }
  // The headline pair is the first claim's, and collections are no timing.
  const auto ratios = TimingRatios(FakeLesson(json), blocks);
  ASSERT_THAT(ratios, SizeIs(1));
  EXPECT_THAT(ratios[0].logs, SizeIs(12));
  EXPECT_EQ(ratios[0].threshold, 0.05);
  EXPECT_THAT(TimingRatios(FakeLesson(json), {}), SizeIs(1));
}

TEST(AnalysisTest, ATimingRatioHasTheLeastThresholdOfItsClaims) {
  const std::vector<Block> blocks = FakeBlocks(12, kTwice);
  Json json = FakeLessonJson();
  json["claims"][0]["threshold"] = 0.5;
  EXPECT_EQ(TimingRatios(FakeLesson(json), blocks).at(0).threshold, 0.5);
  Json claim = json["claims"][0];
  claim["id"] = "stricter";
  claim["threshold"] = 0.2;
  json["claims"].push_back(claim);
  ASSERT_THAT(TimingRatios(FakeLesson(json), blocks), SizeIs(1));
  EXPECT_EQ(TimingRatios(FakeLesson(json), blocks)[0].threshold, 0.2);
}

}  // namespace
}  // namespace heapwise::runner
