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

}  // namespace
}  // namespace heapwise::stats
