#include "benchmarks/stats/wilson.h"

#include <gtest/gtest.h>

namespace heapwise::stats {
namespace {

TEST(WilsonInterval, IsTheTabulatedOne) {
  // Newcombe (1998), Two-sided confidence intervals for the single proportion, Statistics in Medicine 17(8), table I,
  // method 3, to its four decimals.
  struct Row {
    std::size_t successes, trials;
    double low, high;
  };
  for (const Row& row : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605},
                         Row{0, 20, 0.0000, 0.1611}, Row{1, 29, 0.0061, 0.1718}}) {
    const auto interval = WilsonInterval(row.successes, row.trials);
    ASSERT_TRUE(interval);
    EXPECT_NEAR(interval->low, row.low, 0.00005) << row.successes;
    EXPECT_NEAR(interval->high, row.high, 0.00005) << row.successes;
  }
}

TEST(WilsonInterval, MirrorsAndStaysInside) {
  for (std::size_t trials = 1; trials <= 60; ++trials) {
    for (std::size_t successes = 0; successes <= trials; ++successes) {
      const auto interval = WilsonInterval(successes, trials);
      const auto mirrored = WilsonInterval(trials - successes, trials);
      ASSERT_TRUE(interval && mirrored);
      EXPECT_GE(interval->low, 0);
      EXPECT_LE(interval->low, interval->estimate);
      EXPECT_GE(interval->high, interval->estimate);
      EXPECT_LE(interval->high, 1);
      EXPECT_NEAR(interval->low, 1 - mirrored->high, 1e-12);
    }
  }
}

TEST(WilsonInterval, NoneWithoutTrials) {
  EXPECT_FALSE(WilsonInterval(0, 0));
  EXPECT_FALSE(WilsonInterval(3, 2));
}

}  // namespace
}  // namespace heapwise::stats
