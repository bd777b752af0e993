#include "benchmarks/runner/judge/block_plan.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

Settings FakeSettings() {
  Settings settings;
  settings.min_blocks = 12;
  settings.max_blocks = 100;
  settings.budget_seconds = 15;
  settings.half_width = 0.02;
  settings.threshold = 0.05;
  return settings;
}

// A ratio whose pilot has half of its logarithms at `spread` and half at -spread.
std::vector<TimingRatio> Ratios(double spread, double threshold = 0.05) {
  TimingRatio ratio{{}, threshold};
  for (int i = 0; i < 12; ++i) ratio.logs.push_back(i % 2 == 0 ? spread : -spread);
  return {ratio};
}

// How many blocks there are in the end, where block i takes seconds(i); `before` of them were there already.
int Blocks(const Settings& settings, const std::vector<TimingRatio>& ratios, double (*seconds)(int),
           int before = 0) {
  BlockPlan plan(settings);
  BlocksSoFar so_far{before, 0, 0};
  int asked = 0;
  while (plan.Another(so_far, [&] {
    ++asked;
    EXPECT_GE(so_far.done, settings.min_blocks);
    return ratios;
  })) {
    EXPECT_GT(plan.planned(), so_far.done);
    so_far.seconds += seconds(so_far.done++);
    ++so_far.here;
  }
  EXPECT_EQ(plan.planned(), so_far.done);
  EXPECT_EQ(asked, 1);
  return so_far.done;
}

double Quick(int) { return 0.01; }
double OneSecond(int) { return 1; }
double TenSeconds(int) { return 10; }

TEST(BlockPlanTest, ThePilotSufficesWhereTheIntervalIsNarrow) {
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.001), Quick), 12);
  EXPECT_EQ(Blocks(FakeSettings(), {}, Quick), 12);
}

TEST(BlockPlanTest, AsManyAsTheIntervalNeedsAndNoMoreThanTheMost) {
  const int needed = Blocks(FakeSettings(), Ratios(0.03), Quick);
  EXPECT_GT(needed, 12);
  EXPECT_LT(needed, 100);
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.5), Quick), 100);
  // Of several ratios the one that needs most.
  std::vector<TimingRatio> both = Ratios(0.03);
  both.push_back(Ratios(0.001)[0]);
  EXPECT_EQ(Blocks(FakeSettings(), both, Quick), needed);
}

TEST(BlockPlanTest, AClaimThatAllowsMoreNeedsFewer) {
  // Twice the threshold, twice the half-width: a quarter of the blocks, but never fewer than the pilot.
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.06, 0.10), Quick),
            Blocks(FakeSettings(), Ratios(0.03), Quick));
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.03, 0.50), Quick), 12);
}

TEST(BlockPlanTest, TheBudgetPaysForSoMany) {
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.5), OneSecond), 15);
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.5), TenSeconds), 12) << "the pilot, whatever it costs";
}

TEST(BlockPlanTest, ItIsDecidedAfterThePilot) {
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.5), [](int block) { return block < 12 ? 1 : 0.1; }),
            15);
}

TEST(BlockPlanTest, TheBudgetIsKeptWhereBlocksBecomeSlower) {
  Settings settings = FakeSettings();
  settings.budget_seconds = 20;
  // 12 + 3 * 3 = 21 s after block 15: one more at the mean of 1.4 s would end at 22.4 s.
  EXPECT_EQ(Blocks(settings, Ratios(0.5), [](int block) { return block < 12 ? 1.0 : 3.0; }), 15);
}

TEST(BlockPlanTest, AResumedLessonMeasuresOneToKnowWhatItTakes) {
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.5), TenSeconds, 30), 31);
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.001), TenSeconds, 12), 12) << "nothing is missing";
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.5), Quick, 30), 100);
  EXPECT_EQ(Blocks(FakeSettings(), Ratios(0.5), Quick, 5), 100);
}

TEST(BlockPlanTest, TheQuickModeIsThePilot) {
  Settings settings = FakeSettings();
  settings.max_blocks = settings.min_blocks;
  settings.budget_seconds = 0;
  EXPECT_EQ(Blocks(settings, Ratios(0.5), OneSecond), 12);
}

}  // namespace
}  // namespace heapwise::runner
