#include "benchmarks/runner/judge/analysis_json.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

ClaimResult FakeClaimResult() {
  ClaimResult claim;
  claim.lesson = "05-fake";
  claim.claim = "allocates-nothing";
  claim.verdict = stats::Verdict::kContradicted;
  claim.interval = stats::Interval{1, 0, 2};
  claim.unit = "allocations";
  claim.says = "Slow allocates nothing";
  claim.finding = "Slow costs 1 allocation, not 0";
  claim.detail = "1 allocation";
  claim.remark = "a remark";
  claim.trusted = false;
  return claim;
}

TEST(AnalysisJsonTest, TheKeysOfAVerdict) {
  const std::string keys =
      R"({"lesson":"05-fake","claim":"allocates-nothing","verdict":"contradicted",)"
      R"("estimate":1.0,"low":0.0,"high":2.0,"unit":"allocations")";
  EXPECT_EQ(ClaimToVerdictJson(FakeClaimResult()).dump(), keys + "}");
  EXPECT_EQ(ClaimToJson(FakeClaimResult()).dump(),
            keys + R"(,"says":"Slow allocates nothing","finding":"Slow costs 1 allocation, not 0",)"
                   R"("detail":"1 allocation","remark":"a remark","trusted":false,"timing":true})");
}

TEST(AnalysisJsonTest, AClaimWithoutANumber) {
  ClaimResult claim;
  EXPECT_EQ(
      ClaimToVerdictJson(claim).dump(),
      R"({"lesson":"","claim":"","verdict":"too noisy here","estimate":null,"low":null,"high":null,"unit":""})");
}

TEST(AnalysisJsonTest, AllOfWhatWasJudged) {
  LessonRecord record;
  record.lesson = "05-fake";
  record.control = "control";
  LessonAnalysis analysis;
  analysis.measures = {{"time_ns", "time per call", "ns", true}};
  analysis.summary = {{"slow", {{"time_ns", {{2, 1, 3}, 0.5, 4, 1}}}}, {"control", {}}};
  analysis.ratios = {{"both", "time_ns", "slow", "fast", {2, 1, 3}, stats::Interval{1, 0.5, 2}},
                     {"other", "time_ns", "slow", "other", {2, 1, 3}, std::nullopt}};
  analysis.control = ControlResult{{1, 0.5, 2}, true, 0.25, "words"};
  analysis.growth = {{"growth", "curve", {1, 0.5, 2}, "grows"}};
  analysis.pareto = {{"pareto", {"slow", "fast"}}};
  analysis.survival = {{"survival", {{"slow", 3, 4, {0.75, 0.5, 1}}}}};
  const Json json = LessonToJson(record, analysis);
  EXPECT_EQ(json["measures"].dump(),
            R"({"time_ns":{"label":"time per call","unit":"ns","timing":true}})");
  EXPECT_EQ(
      json["summary"].dump(),
      R"({"slow":{"time_ns":{"estimate":2.0,"low":1.0,"high":3.0,"min":0.5,"max":4.0,"outliers":1}},)"
      R"("control":{}})");
  EXPECT_EQ(
      json["ratios"].dump(),
      R"([{"label":"both","measure":"time_ns","of":"slow","over":"fast","estimate":2.0,"low":1.0,"high":3.0,)"
      R"("control":{"of":"control","over":"fast","estimate":1.0,"low":0.5,"high":2.0}},)"
      R"({"label":"other","measure":"time_ns","of":"slow","over":"other","estimate":2.0,"low":1.0,"high":3.0,)"
      R"("control":null}])");
  EXPECT_EQ(
      json["control"].dump(),
      R"({"measure":"time_ns","estimate":1.0,"low":0.5,"high":2.0,"trusted":true,"detectable":0.25,)"
      R"("words":"words"})");
  EXPECT_EQ(
      json["growth"].dump(),
      R"([{"chart":"growth","label":"curve","exponent":1.0,"low":0.5,"high":2.0,"words":"grows"}])");
  EXPECT_EQ(json["pareto"].dump(), R"([{"chart":"pareto","front":["slow","fast"]}])");
  EXPECT_EQ(
      json["survival"].dump(),
      R"([{"chart":"survival","shares":[{"variant":"slow","survived":3.0,"runs":4.0,"estimate":0.75,)"
      R"("low":0.5,"high":1.0}]}])");
}

TEST(AnalysisJsonTest, NothingMeasured) {
  const Json json = LessonToJson(LessonRecord(), LessonAnalysis());
  EXPECT_TRUE(json["control"].is_null());
  EXPECT_EQ(json["ratios"].dump(), "[]");
  EXPECT_EQ(json["measures"].dump(), "{}");
}

}  // namespace
}  // namespace heapwise::runner
