#include "benchmarks/runner/judge/verdict_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

ClaimResult FakeClaim(stats::Verdict verdict, const std::string& says, const std::string& number) {
  ClaimResult claim;
  claim.verdict = verdict;
  claim.says = says;
  claim.number = number;
  claim.interval = stats::Interval{1, 1, 1};
  claim.finding = "The finding in a sentence: 1.00 times";
  return claim;
}

std::vector<LessonVerdicts> FakeVerdicts() {
  LessonVerdicts good;
  good.title = "Return values";
  good.state = {"05-value-return", RunStatus::kComplete, 14, std::nullopt};
  good.analysis.claims = {
      FakeClaim(stats::Verdict::kShown,
                "Returning a User by value is faster than returning a pointer to a new one",
                "22.1 (21.9 to 22.6)"),
      FakeClaim(stats::Verdict::kContradicted, "A short claim", "1.000 (0.990 to 1.010)"),
      FakeClaim(stats::Verdict::kTooNoisy, "Another", ""),
  };
  good.analysis.claims[1].trusted = false;
  good.analysis.claims[2].interval.reset();
  good.analysis.claims[2].detail = "nothing was measured";
  good.analysis.control = ControlResult{{1, 0.99, 1.01}, true, 0.01, "The control's words."};

  LessonVerdicts failed;
  failed.title = "A lesson that fails";
  failed.state = {"06-fails", RunStatus::kFailed, 1,
                  Failure{"killed by signal 9 (Killed)", 2, "slow", "1\n2\n3\n4\n5\n6\n"}};
  failed.analysis.claims = {FakeClaim(stats::Verdict::kTooNoisy, "Not judged", "")};
  LessonVerdicts interrupted;
  interrupted.title = "Not begun";
  interrupted.state = {"07-later", RunStatus::kInterrupted, 0, std::nullopt};
  return {good, failed, interrupted};
}

TEST(VerdictTableTest, At80ColumnsWithoutColour) {
  EXPECT_EQ(VerdictTable(FakeVerdicts(), Terminal()),
            R"(05-value-return  Return values (14 blocks)
  Returning a User by value is faster   22.1 (21.9 to 22.6)     ✓ shown
  than returning a pointer to a new
  one
  A short claim                         1.000 (0.990 to 1.010)  ✗ contradicted
                                                                  (untrusted)
    > The finding in a sentence: 1.00 times
  Another                                                       ~ too noisy here
    > nothing was measured
  The control's words.

06-fails  A lesson that fails (1 block)
  ~ too noisy here: 1 claim, for want of blocks (a verdict needs 6)
  Failed in block 2 (slow): killed by signal 9 (Killed)
  The last that it printed:
    | 2
    | 3
    | 4
    | 5
    | 6

07-later  Not begun (0 blocks)
  Not measured: interrupted before its first block.
)");
}

TEST(VerdictTableTest, ClaimsAreShownFromTheBlocksOnThatAVerdictNeeds) {
  std::vector<LessonVerdicts> verdicts = {FakeVerdicts()[0]};
  verdicts[0].state.blocks = 6;
  EXPECT_THAT(VerdictTable(verdicts, Terminal()), testing::HasSubstr("✗ contradicted"));
  verdicts[0].state.blocks = 5;
  EXPECT_EQ(VerdictTable(verdicts, Terminal()),
            "05-value-return  Return values (5 blocks)\n"
            "  ~ too noisy here: 3 claims, for want of blocks (a verdict needs 6)\n"
            "  The control's words.\n");
}

TEST(VerdictTableTest, NeverWiderThanTheTerminal) {
  for (const int width : {60, 80, 100, 120, 300}) {
    const std::string table = VerdictTable(FakeVerdicts(), {true, width, false});
    for (const absl::string_view line : absl::StrSplit(table, '\n')) {
      EXPECT_LE(DisplayWidth(std::string(line)), std::min(width, 120)) << line;
    }
  }
}

TEST(VerdictTableTest, ColourAddsNothingButColour) {
  const Terminal plain = {true, 80, false};
  const Terminal coloured = {true, 80, true};
  std::string text = VerdictTable(FakeVerdicts(), coloured);
  EXPECT_THAT(text, testing::HasSubstr("\033[32m✓ shown\033[0m"));
  for (const std::string code : {"\033[0m", "\033[1m", "\033[31m", "\033[32m", "\033[33m"}) {
    for (size_t at; (at = text.find(code)) != std::string::npos;) text.erase(at, code.size());
  }
  EXPECT_EQ(text, VerdictTable(FakeVerdicts(), plain));
}

}  // namespace
}  // namespace heapwise::runner
