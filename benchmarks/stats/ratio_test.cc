#include "benchmarks/stats/ratio.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace heapwise::stats {
namespace {

TEST(LogRatios, PairsBlockByBlock) {
  const auto log_ratios = LogRatios(std::vector<double>{20, 1}, std::vector<double>{10, 4});
  ASSERT_TRUE(log_ratios);
  ASSERT_EQ(log_ratios->size(), 2u);
  EXPECT_DOUBLE_EQ((*log_ratios)[0], std::log(2.0));
  EXPECT_DOUBLE_EQ((*log_ratios)[1], -std::log(4.0));
}

TEST(LogRatios, RefusesWhatHasNoLogarithm) {
  const std::vector<double> good = {1, 2};
  EXPECT_FALSE(LogRatios(good, std::vector<double>{1}));
  EXPECT_FALSE(LogRatios(good, std::vector<double>{1, 0}));
  EXPECT_FALSE(LogRatios(std::vector<double>{-1, 2}, good));
  EXPECT_FALSE(LogRatios(good, std::vector<double>{1, std::nan("")}));
  EXPECT_FALSE(LogRatios(std::vector<double>{1, std::numeric_limits<double>::infinity()}, good));
}

TEST(PairedRatio, CancelsWhatTheBlocksShare) {
  // The machine slows down tenfold from block to block; the ratio within each is 2.
  const std::vector<double> over = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
  std::vector<double> of;
  for (const double value : over) of.push_back(2 * value);
  const auto ratio = PairedRatio(of, over);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->estimate, 2, 1e-9);
  EXPECT_NEAR(ratio->low, 2, 1e-9);
  EXPECT_NEAR(ratio->high, 2, 1e-9);
}

TEST(PairedRatio, SwappingTheVariantsInvertsIt) {
  const std::vector<double> a = {11, 13, 12, 17, 15, 14, 19};
  const std::vector<double> b = {10, 10, 11, 12, 10, 13, 11};
  const auto ratio = PairedRatio(a, b);
  const auto inverse = PairedRatio(b, a);
  ASSERT_TRUE(ratio && inverse);
  EXPECT_NEAR(inverse->estimate, 1 / ratio->estimate, 1e-12);
  EXPECT_NEAR(inverse->low, 1 / ratio->high, 1e-12);
  EXPECT_NEAR(inverse->high, 1 / ratio->low, 1e-12);
}

TEST(PairedRatio, NothingBelowSixBlocks) {
  const std::vector<double> five = {1, 2, 3, 4, 5};
  EXPECT_FALSE(PairedRatio(five, five));
}

TEST(UnpairedRatio, IsAfterOverBefore) {
  const std::vector<double> before = {10, 10, 10, 10, 10};
  const std::vector<double> after = {20, 20, 20, 20};
  const auto ratio = UnpairedRatio(after, before);
  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->estimate, 2, 1e-12);
  EXPECT_FALSE(UnpairedRatio(after, std::vector<double>{10, 10, 10, 10, 0}));
}

}  // namespace
}  // namespace heapwise::stats
