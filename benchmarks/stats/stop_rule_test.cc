#include "benchmarks/stats/stop_rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/hodges_lehmann.h"

namespace heapwise::stats {
namespace {

constexpr int kFewest = static_cast<int>(kMinBlocks);

// Twelve values evenly spread about zero whose interval has exactly this half-width.
std::vector<double> PilotWithHalfWidth(double half_width) {
  std::vector<double> pilot;
  for (int i = 0; i < kFewest; ++i) pilot.push_back(i - (kFewest - 1) / 2.0);
  const auto interval = HodgesLehmann(pilot);
  const double scale = half_width / ((interval->high - interval->low) / 2);
  for (double& value : pilot) value *= scale;
  return pilot;
}

TEST(BlocksNeeded, AQuietPilotIsEnough) {
  EXPECT_EQ(BlocksNeeded(std::vector<double>(kMinBlocks, 0.3), 0.02, 100), kFewest);
  EXPECT_EQ(BlocksNeeded(PilotWithHalfWidth(0.01), 0.02, 100), kFewest);
}

TEST(BlocksNeeded, GrowsWithTheSquareOfTheSpread) {
  EXPECT_EQ(BlocksNeeded(PilotWithHalfWidth(0.0399), 0.02, 1000),
            std::ceil(kPilotMargin * 12 * (0.0399 / 0.02) * (0.0399 / 0.02)));
  EXPECT_EQ(BlocksNeeded(PilotWithHalfWidth(0.1999), 0.02, 10000),
            std::ceil(kPilotMargin * 12 * (0.1999 / 0.02) * (0.1999 / 0.02)));
}

TEST(BlocksNeeded, StaysWithinItsBounds) {
  EXPECT_EQ(BlocksNeeded(PilotWithHalfWidth(5), 0.02, 100), 100);
  EXPECT_EQ(BlocksNeeded(PilotWithHalfWidth(5), 0, 100), 100);
  EXPECT_EQ(BlocksNeeded(PilotWithHalfWidth(0.001), 0.02, 8), kFewest);  // already measured
  EXPECT_EQ(BlocksNeeded(std::vector<double>(6, 0.0), 0.02, 8), 8);
  EXPECT_EQ(BlocksNeeded(std::vector<double>(6, 0.0), 0.02, 100), kFewest);
}

TEST(BlocksNeeded, APilotThatSaysNothingAsksForAll) {
  EXPECT_EQ(BlocksNeeded({}, 0.02, 100), 100);
  EXPECT_EQ(BlocksNeeded(std::vector<double>{1, 2, 3, 4, 5}, 0.02, 100), 100);
  std::vector<double> pilot(kMinBlocks, 0.0);
  pilot[3] = std::nan("");
  EXPECT_EQ(BlocksNeeded(pilot, 0.02, 100), 100);
}

TEST(BlocksNeeded, OneWildBlockDoesNotDecide) {
  std::vector<double> pilot = PilotWithHalfWidth(0.005);
  pilot[7] = 1e6;
  EXPECT_LT(BlocksNeeded(pilot, 0.02, 100), 20);
}

}  // namespace
}  // namespace heapwise::stats
