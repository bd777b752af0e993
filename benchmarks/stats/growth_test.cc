#include "benchmarks/stats/growth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "benchmarks/stats/synthetic.h"

namespace heapwise::stats {
namespace {

const std::vector<double> kSizes = {1, 4, 16, 64, 256};

std::vector<double> PowerLaw(double factor, double exponent) {
  std::vector<double> y;
  for (const double x : kSizes) y.push_back(factor * std::pow(x, exponent));
  return y;
}

TEST(GrowthExponent, OfPowerLaws) {
  for (const double exponent : {-1.0, 0.0, 0.5, 1.0, 2.0}) {
    EXPECT_NEAR(*GrowthExponent(kSizes, PowerLaw(7, exponent)), exponent, 1e-12);
  }
}

TEST(GrowthExponent, OneWildPointOfFiveDoesNotCarryItAway) {
  for (std::size_t wild = 0; wild < kSizes.size(); ++wild) {
    std::vector<double> y = PowerLaw(3, 1);
    y[wild] *= 1000;
    EXPECT_NEAR(*GrowthExponent(kSizes, y), 1, 1e-12) << wild;
  }
}

TEST(GrowthExponent, RepeatedSizesAreNotCompared) {
  EXPECT_NEAR(*GrowthExponent(std::vector<double>{2, 2, 8}, std::vector<double>{10, 10, 40}), 1,
              1e-12);
}

TEST(GrowthExponent, NothingForInputWithoutAnAnswer) {
  const std::vector<double> two = {1, 2};
  EXPECT_FALSE(GrowthExponent({}, {}));
  EXPECT_FALSE(GrowthExponent(two, std::vector<double>{1}));
  EXPECT_FALSE(GrowthExponent(std::vector<double>{2, 2}, two));
  EXPECT_FALSE(GrowthExponent(two, std::vector<double>{1, 0}));
  EXPECT_FALSE(GrowthExponent(std::vector<double>{-1, 2}, two));
  EXPECT_FALSE(GrowthExponent(two, std::vector<double>{1, std::nan("")}));
}

TEST(GrowthExponentInterval, ContainsTheTruthAndNarrows) {
  Synthetic synthetic(1);
  std::vector<std::vector<double>> blocks;
  for (int block = 0; block < 12; ++block) {
    blocks.push_back(PowerLaw(100 * std::exp(synthetic.Draw(Noise::kNormal, 0.3)), 1));
    for (double& y : blocks.back()) y *= std::exp(synthetic.Draw(Noise::kNormal, 0.05));
  }
  const auto interval = GrowthExponentInterval(kSizes, blocks);
  ASSERT_TRUE(interval);
  EXPECT_LT(interval->low, 1);
  EXPECT_GT(interval->high, 1);
  EXPECT_LT(interval->high - interval->low, 0.03);
}

TEST(GrowthExponentInterval, NothingBelowSixBlocksOrWithABadOne) {
  std::vector<std::vector<double>> blocks(5, PowerLaw(1, 1));
  EXPECT_FALSE(GrowthExponentInterval(kSizes, blocks));
  blocks.push_back(PowerLaw(1, 1));
  EXPECT_TRUE(GrowthExponentInterval(kSizes, blocks));
  blocks.back()[0] = 0;
  EXPECT_FALSE(GrowthExponentInterval(kSizes, blocks));
}

}  // namespace
}  // namespace heapwise::stats
