// What the whole chain (pilot, stop rule, estimator, verdict) promises, on synthetic measurements
// with fixed seeds. Noise is the relative standard deviation of one measurement; a block's ratio
// has two of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/hodges_lehmann.h"
#include "benchmarks/stats/quantile.h"
#include "benchmarks/stats/ratio.h"
#include "benchmarks/stats/stop_rule.h"
#include "benchmarks/stats/synthetic.h"
#include "benchmarks/stats/verdict.h"

namespace heapwise::stats {
namespace {

constexpr int kMaxBlocks = 100;
constexpr Noise kNoises[] = {Noise::kNormal, Noise::kLognormal, Noise::kStudent,
                             Noise::kInterrupted};

Blocks Measure(Synthetic& synthetic, std::size_t blocks, double true_ratio, Noise noise,
               double scale) {
  Blocks measured;
  synthetic.Extend(measured, blocks, true_ratio, noise, scale);
  return measured;
}

// The blocks that the runner would have kept of `available`, measured one after another.
Blocks TwoStages(const Blocks& available) {
  const auto head = [&](std::size_t count) {
    const auto end = static_cast<std::ptrdiff_t>(count);
    return Blocks{{available.of.begin(), available.of.begin() + end},
                  {available.over.begin(), available.over.begin() + end}};
  };
  const Blocks pilot = head(kMinBlocks);
  const int total = BlocksNeeded(*LogRatios(pilot.of, pilot.over), kTargetHalfWidth, kMaxBlocks);
  return head(static_cast<std::size_t>(total));
}

Blocks MeasureInTwoStages(Synthetic& synthetic, double true_ratio, Noise noise, double scale) {
  return TwoStages(Measure(synthetic, kMaxBlocks, true_ratio, noise, scale));
}

std::optional<Interval> Ratio(const Blocks& blocks) { return PairedRatio(blocks.of, blocks.over); }

bool Covers(const std::optional<Interval>& interval, double truth) {
  return interval && interval->low <= truth && truth <= interval->high;
}

// The share of `runs` in which `event()` came true.
template <typename Event>
double Share(int runs, Event event) {
  int count = 0;
  for (int run = 0; run < runs; ++run) count += event() ? 1 : 0;
  return static_cast<double>(count) / runs;
}

TEST(Coverage, OfAFixedNumberOfBlocks) {
  Synthetic synthetic(1);
  for (const std::size_t blocks : {8, 10, 12, 30, 70}) {
    for (const Noise noise : kNoises) {
      const double coverage = Share(
          4000, [&] { return Covers(Ratio(Measure(synthetic, blocks, 1.3, noise, 0.05)), 1.3); });
      EXPECT_GE(coverage, 0.93) << blocks << " blocks, noise " << static_cast<int>(noise);
      EXPECT_LE(coverage, 0.97) << blocks << " blocks, noise " << static_cast<int>(noise);
    }
  }
}

TEST(Coverage, SurvivesTheStopRule) {
  Synthetic synthetic(2);
  for (const double scale : {0.01, 0.02, 0.03, 0.05, 0.10}) {
    for (const Noise noise : kNoises) {
      const double coverage = Share(2000, [&] {
        return Covers(Ratio(MeasureInTwoStages(synthetic, 1.3, noise, scale)), 1.3);
      });
      EXPECT_GE(coverage, 0.93) << scale << ", noise " << static_cast<int>(noise);
      EXPECT_LE(coverage, 0.97) << scale << ", noise " << static_cast<int>(noise);
    }
  }
}

// The rule that the two stages replace: look after every block, stop at the first narrow interval.
TEST(Coverage, SuffersFromLookingAfterEveryBlock) {
  const auto peek = [](const std::vector<double>& log_ratios) {
    std::size_t blocks = kMinBlocksForInterval;
    std::optional<Interval> interval = HodgesLehmann(std::span(log_ratios).first(blocks));
    while ((interval->high - interval->low) / 2 > kTargetHalfWidth && blocks < kMaxBlocks) {
      interval = HodgesLehmann(std::span(log_ratios).first(++blocks));
    }
    return interval;
  };
  constexpr int kRuns = 2000;
  Synthetic synthetic(3);
  int peeking = 0;
  int two_stages = 0;
  for (int run = 0; run < kRuns; ++run) {
    const Blocks available = Measure(synthetic, kMaxBlocks, 1.3, Noise::kNormal, 0.025);
    peeking += Covers(peek(*LogRatios(available.of, available.over)), std::log(1.3)) ? 1 : 0;
    two_stages += Covers(Ratio(TwoStages(available)), 1.3) ? 1 : 0;
  }
  EXPECT_LT(peeking, 0.935 * kRuns);
  EXPECT_GT(two_stages, 0.94 * kRuns);
}

// What the signed-rank interval replaces: 1,000 seeded resamples, the percentiles of their medians.
TEST(Coverage, BootstrapOfTheMedianCoversTooLittle) {
  constexpr int kRuns = 2000;
  constexpr int kResamples = 1000;
  Synthetic synthetic(4);
  for (const std::size_t blocks : {10, 12}) {
    int bootstrap = 0;
    int signed_rank = 0;
    for (int run = 0; run < kRuns; ++run) {
      const Blocks measured = Measure(synthetic, blocks, 1, Noise::kInterrupted, 0.05);
      const std::vector<double> log_ratios = *LogRatios(measured.of, measured.over);
      std::vector<double> medians;
      std::vector<double> resample(blocks);
      for (int i = 0; i < kResamples; ++i) {
        for (double& value : resample) value = log_ratios[synthetic.Index(blocks)];
        std::ranges::sort(resample);
        medians.push_back((resample[(blocks - 1) / 2] + resample[blocks / 2]) / 2);
      }
      const Interval interval{*Quantile(medians, 0.5), *Quantile(medians, kTail),
                              *Quantile(medians, 1 - kTail)};
      bootstrap += Covers(interval, 0) ? 1 : 0;
      signed_rank += Covers(HodgesLehmann(log_ratios), 0) ? 1 : 0;
    }
    EXPECT_LT(bootstrap, 0.945 * kRuns) << blocks << " blocks";
    EXPECT_LT(bootstrap, signed_rank) << blocks << " blocks";
  }
}

TEST(Coverage, OfTheShiftBetweenTwoRuns) {
  Synthetic synthetic(5);
  struct Sizes {
    std::size_t before, after;
  };
  for (const Sizes sizes : {Sizes{10, 10}, Sizes{12, 40}, Sizes{60, 50}}) {
    for (const Noise noise : kNoises) {
      const double coverage = Share(2000, [&] {
        std::vector<double> before(sizes.before);
        std::vector<double> after(sizes.after);
        for (double& value : before) value = std::exp(synthetic.Draw(noise, 0.05));
        for (double& value : after) value = 0.7 * std::exp(synthetic.Draw(noise, 0.05));
        return Covers(UnpairedRatio(after, before), 0.7);
      });
      EXPECT_GE(coverage, 0.93) << sizes.before << ", noise " << static_cast<int>(noise);
      EXPECT_LE(coverage, 0.97) << sizes.before << ", noise " << static_cast<int>(noise);
    }
  }
}

bool WrongOnEqualVariants(const std::optional<Interval>& ratio) {
  return JudgeRatio(ratio, Expect::kMore) == Verdict::kShown ||
         JudgeRatio(ratio, Expect::kLess) == Verdict::kShown ||
         JudgeRatio(ratio, Expect::kSame) == Verdict::kContradicted;
}

TEST(EqualVariants, AreJudgedWronglyInAtMostTwoPercent) {
  Synthetic synthetic(6);
  for (const double scale : {0.01, 0.05, 0.10, 0.20}) {
    for (const Noise noise : kNoises) {
      const double wrong_at_once = Share(1000, [&] {
        return WrongOnEqualVariants(Ratio(Measure(synthetic, kMinBlocks, 1, noise, scale)));
      });
      const double wrong_in_two_stages = Share(1000, [&] {
        return WrongOnEqualVariants(Ratio(MeasureInTwoStages(synthetic, 1, noise, scale)));
      });
      EXPECT_LE(wrong_at_once, 0.02) << scale << ", noise " << static_cast<int>(noise);
      EXPECT_LE(wrong_in_two_stages, 0.02) << scale << ", noise " << static_cast<int>(noise);
    }
  }
}

TEST(TenPercent, IsFoundUnderFivePercentNoise) {
  Synthetic synthetic(7);
  const double more = Share(1000, [&] {
    const auto ratio = Ratio(MeasureInTwoStages(synthetic, 1.10, Noise::kNormal, 0.05));
    return JudgeRatio(ratio, Expect::kMore) == Verdict::kShown;
  });
  const double less = Share(1000, [&] {
    const auto ratio = Ratio(MeasureInTwoStages(synthetic, 1 / 1.10, Noise::kNormal, 0.05));
    return JudgeRatio(ratio, Expect::kLess) == Verdict::kShown;
  });
  EXPECT_GE(more, 0.99);
  EXPECT_GE(less, 0.99);
}

constexpr Expect kExpectations[] = {Expect::kMore, Expect::kLess, Expect::kSame};

bool Flipped(Verdict before, Verdict after) {
  return before != after && before != Verdict::kTooNoisy && after != Verdict::kTooNoisy;
}

// One measurement a hundred times too slow or too fast.
void MakeWild(Blocks& blocks, std::size_t where, Synthetic& synthetic) {
  (synthetic.Uniform() < 0.5 ? blocks.of : blocks.over)[where] *=
      synthetic.Uniform() < 0.5 ? 100 : 0.01;
}

TEST(OneWildBlock, ChangesNoVerdict) {
  constexpr int kRuns = 1000;
  Synthetic synthetic(8);
  for (const double true_ratio : {1 / 1.2, 1.0, 1.1, 1.2, 2.0}) {
    int changed = 0;
    for (int run = 0; run < kRuns; ++run) {
      const Blocks calm = Measure(synthetic, kMaxBlocks, true_ratio, Noise::kNormal, 0.05);
      const Blocks calm_kept = TwoStages(calm);
      // In every second run the wild block falls into the pilot and moves the stop rule too.
      Blocks wild = calm;
      MakeWild(wild, synthetic.Index(run % 2 == 0 ? kMinBlocks : calm_kept.of.size()), synthetic);
      for (const Expect expect : kExpectations) {
        const Verdict before = JudgeRatio(Ratio(calm_kept), expect);
        const Verdict after = JudgeRatio(Ratio(TwoStages(wild)), expect);
        changed += before == after ? 0 : 1;
        ASSERT_FALSE(Flipped(before, after)) << true_ratio << ", run " << run;
      }
    }
    // Where the interval ends a hair from the threshold anything moves it across, to or from too
    // noisy. A ratio of 1.2 is clear of the threshold and must not be moved at all.
    const bool clear = std::abs(std::log(true_ratio)) > std::log(1.15);
    EXPECT_LE(changed, clear ? 0 : kRuns * 3 / 200) << true_ratio;
  }
}

TEST(OneWildBlock, ChangesNoClearVerdictOfTheFewestBlocks) {
  Synthetic synthetic(9);
  for (const double true_ratio : {0.5, 1.0, 1.1, 2.0}) {
    for (int run = 0; run < 1000; ++run) {
      const Blocks calm = Measure(synthetic, kMinBlocks, true_ratio, Noise::kNormal, 0.05);
      Blocks wild = calm;
      MakeWild(wild, synthetic.Index(kMinBlocks), synthetic);
      for (const Expect expect : kExpectations) {
        const Verdict before = JudgeRatio(Ratio(calm), expect);
        const Verdict after = JudgeRatio(Ratio(wild), expect);
        ASSERT_FALSE(Flipped(before, after)) << true_ratio << ", run " << run;
        if (true_ratio == 0.5 || true_ratio == 2.0) {
          ASSERT_EQ(before, after) << true_ratio << ", run " << run;
        }
      }
    }
  }
}

// Why kMinBlocks is not ten.
TEST(OneWildBlock, SpoilsTenBlocksButNotTwelve) {
  const auto verdict = [](std::size_t blocks) {
    std::vector<double> of(blocks, 200.0);
    of[4] = 2;
    return JudgeRatio(PairedRatio(of, std::vector<double>(blocks, 100.0)), Expect::kMore);
  };
  EXPECT_EQ(verdict(10), Verdict::kTooNoisy);
  EXPECT_EQ(verdict(kMinBlocks), Verdict::kShown);
}

}  // namespace
}  // namespace heapwise::stats
