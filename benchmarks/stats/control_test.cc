#include "benchmarks/stats/control.h"

#include <gtest/gtest.h>

namespace heapwise::stats {
namespace {

TEST(MinDetectable, IsTheFartherEndOfTheControl) {
  EXPECT_NEAR(MinDetectable({1.001, 0.995, 1.006}), 0.006, 1e-12);
  EXPECT_NEAR(MinDetectable({0.95, 0.80, 1.01}), 0.25, 1e-12);
  EXPECT_EQ(MinDetectable({1, 1, 1}), 0);
}

TEST(Trusted, WhileTheControlContainsOne) {
  EXPECT_TRUE(Trusted({1.001, 0.995, 1.006}));
  EXPECT_TRUE(Trusted({1, 1, 1}));
  EXPECT_FALSE(Trusted({1.02, 1.01, 1.03}));
  EXPECT_FALSE(Trusted({0.98, 0.97, 0.99}));
}

TEST(Widened, OnBothSidesByTheFartherEndOfTheControl) {
  const Interval wide = Widened({2, 1.5, 3}, {1.1, 1.05, 1.25});
  EXPECT_EQ(wide.estimate, 2);
  EXPECT_NEAR(wide.low, 1.2, 1e-12);
  EXPECT_NEAR(wide.high, 3.75, 1e-12);
  const Interval other_side = Widened({2, 1.5, 3}, {0.9, 0.8, 0.95});
  EXPECT_NEAR(other_side.low, 1.2, 1e-12);
  EXPECT_NEAR(other_side.high, 3.75, 1e-12);
}

}  // namespace
}  // namespace heapwise::stats
