#include "benchmarks/stats/hodges_lehmann.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace heapwise::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(HodgesLehmann, DepressionScalesExample) {
  // Nine patients, two visits: Hollander, Wolfe (1973), Nonparametric Statistical Methods, page 29.
  // Of the 45 Walsh averages in order the estimate is the 23rd; the ends are the 6th from either
  // end.
  const std::vector<double> x = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
  const std::vector<double> y = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
  std::vector<double> differences;
  for (std::size_t i = 0; i < x.size(); ++i) differences.push_back(x[i] - y[i]);
  const auto interval = HodgesLehmann(differences);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->estimate, 0.46, 1e-12);
  EXPECT_NEAR(interval->low, 0.01, 1e-12);
  EXPECT_NEAR(interval->high, 0.786, 1e-12);
}

TEST(HodgesLehmann, SixValuesGiveTheirWholeRange) {
  const auto interval = HodgesLehmann(std::vector<double>{3, 1, 2, 6, 5, 4});
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->estimate, 3.5);
  EXPECT_DOUBLE_EQ(interval->low, 1);
  EXPECT_DOUBLE_EQ(interval->high, 6);
}

TEST(HodgesLehmann, EqualValuesGiveAPoint) {
  const auto interval = HodgesLehmann(std::vector<double>(10, 0.1));
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->estimate, 0.1);
  EXPECT_EQ(interval->low, 0.1);
  EXPECT_EQ(interval->high, 0.1);
}

TEST(HodgesLehmann, FollowsShiftAndSignOfTheValues) {
  const std::vector<double> values = {1, 2, 4, 8, 16, 32, 64};
  std::vector<double> moved;
  for (const double value : values) moved.push_back(100 - value);
  const auto interval = HodgesLehmann(values);
  const auto mirrored = HodgesLehmann(moved);
  ASSERT_TRUE(interval && mirrored);
  EXPECT_DOUBLE_EQ(mirrored->estimate, 100 - interval->estimate);
  EXPECT_DOUBLE_EQ(mirrored->low, 100 - interval->high);
  EXPECT_DOUBLE_EQ(mirrored->high, 100 - interval->low);
}

TEST(HodgesLehmann, NothingWhereNoIntervalExists) {
  EXPECT_FALSE(HodgesLehmann({}));
  EXPECT_FALSE(HodgesLehmann(std::vector<double>{1, 2, 3, 4, 5}));
  EXPECT_FALSE(HodgesLehmann(std::vector<double>{1, 2, 3, 4, 5, kNaN}));
  EXPECT_FALSE(HodgesLehmann(std::vector<double>{1, 2, 3, 4, 5, -kInfinity}));
}

TEST(HodgesLehmann, LargestNumbersDoNotOverflow) {
  const double huge = std::numeric_limits<double>::max();
  const auto interval = HodgesLehmann(std::vector<double>(6, huge));
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->estimate, huge);
}

TEST(HodgesLehmannShift, PermeabilityExample) {
  // Permeability of membranes at term and earlier: the same book, page 69. Of the 50 differences in
  // order the estimate is between the 25th and the 26th; the ends are the 9th from either end.
  const std::vector<double> at_term = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
  const std::vector<double> early = {1.15, 0.88, 0.90, 0.74, 1.21};
  const auto shift = HodgesLehmannShift(early, at_term);
  ASSERT_TRUE(shift);
  EXPECT_NEAR(shift->estimate, 0.305, 1e-12);
  EXPECT_NEAR(shift->low, -0.15, 1e-12);
  EXPECT_NEAR(shift->high, 0.76, 1e-12);
}

TEST(HodgesLehmannShift, EqualSamplesShiftByNothing) {
  const std::vector<double> same(10, 7.5);
  const auto shift = HodgesLehmannShift(same, same);
  ASSERT_TRUE(shift);
  EXPECT_EQ(shift->estimate, 0);
  EXPECT_EQ(shift->low, 0);
  EXPECT_EQ(shift->high, 0);
}

TEST(HodgesLehmannShift, NothingWhereNoIntervalExists) {
  const std::vector<double> four = {1, 2, 3, 4};
  EXPECT_TRUE(HodgesLehmannShift(four, four));
  EXPECT_FALSE(HodgesLehmannShift(four, std::vector<double>{1, 2, 3}));
  EXPECT_FALSE(HodgesLehmannShift({}, four));
  EXPECT_FALSE(HodgesLehmannShift(four, std::vector<double>{1, 2, 3, kNaN}));
  EXPECT_FALSE(HodgesLehmannShift(std::vector<double>{1, 2, 3, kInfinity}, four));
}

}  // namespace
}  // namespace heapwise::stats
