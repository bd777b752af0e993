#include "benchmarks/stats/verdict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <vector>

namespace heapwise::stats {

void PrintTo(Verdict verdict, std::ostream* out) { *out << ToString(verdict); }

namespace {

using enum Verdict;

TEST(Verdict, HasWords) {
  EXPECT_STREQ(ToString(kShown), "shown");
  EXPECT_STREQ(ToString(kContradicted), "contradicted");
  EXPECT_STREQ(ToString(kTooNoisy), "too noisy here");
}

struct Case {
  double low, high;
  Verdict more, less, same;
};

constexpr Case kCases[] = {
    {1.06, 9.00, kShown, kContradicted, kContradicted},  // above the band
    {1.04, 1.20, kTooNoisy, kContradicted, kTooNoisy},   // above 1, across the band's edge
    {0.99, 1.20, kTooNoisy, kTooNoisy, kTooNoisy},       // across 1 and an edge
    {0.80, 1.20, kTooNoisy, kTooNoisy, kTooNoisy},       // across the whole band
    {0.97, 1.04, kContradicted, kContradicted, kShown},  // inside the band
    {1.01, 1.04, kContradicted, kContradicted, kShown},  // inside the band, 1 excluded
    {0.93, 0.97, kContradicted, kTooNoisy, kTooNoisy},   // below 1, across the band's edge
    {0.10, 0.94, kContradicted, kShown, kContradicted},  // below the band
};

TEST(JudgeRatio, FollowsTheTable) {
  for (const Case& c : kCases) {
    const Interval ratio{std::sqrt(c.low * c.high), c.low, c.high};
    EXPECT_EQ(JudgeRatio(ratio, Expect::kMore), c.more) << c.low << " to " << c.high;
    EXPECT_EQ(JudgeRatio(ratio, Expect::kLess), c.less) << c.low << " to " << c.high;
    EXPECT_EQ(JudgeRatio(ratio, Expect::kSame), c.same) << c.low << " to " << c.high;
  }
}

TEST(JudgeRatio, SwappingTheVariantsSwapsTheExpectation) {
  for (const Case& c : kCases) {
    const Interval inverse{1 / std::sqrt(c.low * c.high), 1 / c.high, 1 / c.low};
    EXPECT_EQ(JudgeRatio(inverse, Expect::kLess), c.more) << c.low << " to " << c.high;
    EXPECT_EQ(JudgeRatio(inverse, Expect::kMore), c.less) << c.low << " to " << c.high;
    EXPECT_EQ(JudgeRatio(inverse, Expect::kSame), c.same) << c.low << " to " << c.high;
  }
}

TEST(JudgeRatio, TakesTheClaimsOwnThreshold) {
  const Interval ratio{1.10, 1.06, 1.14};
  EXPECT_EQ(JudgeRatio(ratio, Expect::kMore, 0.05), kShown);
  EXPECT_EQ(JudgeRatio(ratio, Expect::kMore, 0.10), kTooNoisy);
  EXPECT_EQ(JudgeRatio(ratio, Expect::kMore, 0.20), kContradicted);
  EXPECT_EQ(JudgeRatio(ratio, Expect::kSame, 0.20), kShown);
}

TEST(JudgeRatio, AnEqualRatioWithoutNoiseIsTheSame) {
  const Interval equal{1, 1, 1};
  EXPECT_EQ(JudgeRatio(equal, Expect::kSame), kShown);
  EXPECT_EQ(JudgeRatio(equal, Expect::kSame, 0), kShown);
  EXPECT_EQ(JudgeRatio(equal, Expect::kMore), kContradicted);
}

TEST(JudgeRatio, NoIntervalIsTooNoisy) {
  const double nan = std::nan("");
  for (const Expect expect : {Expect::kMore, Expect::kLess, Expect::kSame}) {
    EXPECT_EQ(JudgeRatio(std::nullopt, expect), kTooNoisy);
    EXPECT_EQ(JudgeRatio(Interval{nan, nan, nan}, expect), kTooNoisy);
  }
}

TEST(JudgeExact, AllBlocksNoneOrSome) {
  const std::vector<double> ones(10, 1.0);
  EXPECT_EQ(JudgeExact(ones, ExpectExact::kEqual, 1), kShown);
  EXPECT_EQ(JudgeExact(ones, ExpectExact::kEqual, 0), kContradicted);
  EXPECT_EQ(JudgeExact(ones, ExpectExact::kAtMost, 1), kShown);
  EXPECT_EQ(JudgeExact(ones, ExpectExact::kAtMost, 0.5), kContradicted);
  EXPECT_EQ(JudgeExact(ones, ExpectExact::kAtLeast, 1), kShown);
  EXPECT_EQ(JudgeExact(ones, ExpectExact::kAtLeast, 2), kContradicted);
  const std::vector<double> mixed = {1, 1, 2};
  EXPECT_EQ(JudgeExact(mixed, ExpectExact::kEqual, 1), kTooNoisy);
  EXPECT_EQ(JudgeExact(mixed, ExpectExact::kAtMost, 1), kTooNoisy);
  EXPECT_EQ(JudgeExact(mixed, ExpectExact::kAtMost, 2), kShown);
}

TEST(JudgeExact, NothingMeasuredIsTooNoisy) {
  EXPECT_EQ(JudgeExact({}, ExpectExact::kEqual, 0), kTooNoisy);
  EXPECT_EQ(JudgeExact(std::vector<double>{1, std::nan("")}, ExpectExact::kEqual, 1), kTooNoisy);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(JudgeExact(std::vector<double>{infinity}, ExpectExact::kAtLeast, 1), kTooNoisy);
}

}  // namespace
}  // namespace heapwise::stats
