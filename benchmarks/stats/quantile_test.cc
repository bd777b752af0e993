#include "benchmarks/stats/quantile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

namespace heapwise::stats {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

TEST(NearestRank, IsAlwaysAMeasuredValue) {
  const std::vector<double> values = {50, 15, 40, 20, 35};
  EXPECT_EQ(NearestRank(values, 0), 15);
  EXPECT_EQ(NearestRank(values, 0.05), 15);
  EXPECT_EQ(NearestRank(values, 0.30), 20);
  EXPECT_EQ(NearestRank(values, 0.40), 20);
  EXPECT_EQ(NearestRank(values, 0.50), 35);
  EXPECT_EQ(NearestRank(values, 0.99), 50);
  EXPECT_EQ(NearestRank(values, 1), 50);
}

TEST(NearestRank, OfOneToHundredIsThePercentItself) {
  std::vector<double> values(100);
  std::iota(values.begin(), values.end(), 1);
  for (int percent = 1; percent <= 100; ++percent) {
    EXPECT_EQ(NearestRank(values, percent / 100.0), percent);
  }
  EXPECT_EQ(NearestRank(values, 0.999), 100);
}

TEST(Quantile, InterpolatesAsTypeSeven) {
  const std::vector<double> values = {4, 1, 3, 2};
  EXPECT_EQ(Quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(*Quantile(values, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(*Quantile(values, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(*Quantile(values, 0.9), 3.7);
  EXPECT_EQ(Quantile(values, 1), 4);
  EXPECT_EQ(Quantile(std::vector<double>{7}, 0.3), 7);
}

TEST(Quantile, NothingForInputWithoutAnAnswer) {
  const std::vector<double> values = {1, 2};
  for (const auto quantile : {NearestRank, Quantile}) {
    EXPECT_FALSE(quantile({}, 0.5));
    EXPECT_FALSE(quantile(values, -0.1));
    EXPECT_FALSE(quantile(values, 1.1));
    EXPECT_FALSE(quantile(values, kNotANumber));
    EXPECT_FALSE(quantile(std::vector<double>{1, kNotANumber}, 0.5));
    EXPECT_FALSE(quantile(std::vector<double>{1, kInfinite}, 0.5));
  }
}

TEST(Outliers, AreThoseOutsideTukeysFences) {
  // Quartiles 2 and 4: the fences are -1 and 7, and a value on a fence is inside.
  EXPECT_THAT(Outliers(std::vector<double>{1, 2, 3, 4, 7}), IsEmpty());
  EXPECT_THAT(Outliers(std::vector<double>{1, 2, 3, 4, 7.01}), ElementsAre(4));
  EXPECT_THAT(Outliers(std::vector<double>{-50, 10, 11, 12, 13, 14, 15, 99}), ElementsAre(0, 7));
}

TEST(Outliers, OfDegenerateSamples) {
  EXPECT_THAT(Outliers({}), IsEmpty());
  EXPECT_THAT(Outliers(std::vector<double>{5}), IsEmpty());
  EXPECT_THAT(Outliers(std::vector<double>(10, 5.0)), IsEmpty());
  EXPECT_THAT(Outliers(std::vector<double>{1, kNotANumber, 1, kInfinite}), ElementsAre(1, 3));
  EXPECT_THAT(Outliers(std::vector<double>{kNotANumber}), ElementsAre(0));
}

}  // namespace
}  // namespace heapwise::stats
