#include "heapwise/gc/cpu_limiter.h"

#include "gtest/gtest.h"

namespace heapwise::runtime {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMilli = 1'000'000;

TEST(CpuLimiterTest, HoldsOneCpuSecondForEachProcessor) {
  EXPECT_EQ(CpuLimiter(1).capacity_ns(), kSecond);
  EXPECT_EQ(CpuLimiter(8).capacity_ns(), 8 * kSecond);
}

TEST(CpuLimiterTest, FillsWithCollectionAndDrainsWithTheProgram) {
  CpuLimiter limiter(2);
  limiter.Accumulate(0, 300 * kMilli);
  EXPECT_EQ(limiter.fill_ns(), 300 * kMilli);
  limiter.Accumulate(100 * kMilli, 0);
  EXPECT_EQ(limiter.fill_ns(), 200 * kMilli);
  limiter.Accumulate(50 * kMilli, 150 * kMilli);
  EXPECT_EQ(limiter.fill_ns(), 300 * kMilli);
  EXPECT_FALSE(limiter.limiting());
}

TEST(CpuLimiterTest, NeverFallsBelowEmpty) {
  CpuLimiter limiter(1);
  limiter.Accumulate(3600 * kSecond, 0);
  EXPECT_EQ(limiter.fill_ns(), 0);
  limiter.Accumulate(0, kSecond);
  EXPECT_TRUE(limiter.limiting()) << "an idle hour must not be saved up for a death spiral";
}

TEST(CpuLimiterTest, FullMeansLimitingAndTheRestIsForgotten) {
  CpuLimiter limiter(1);
  EXPECT_FALSE(limiter.WouldFill(kSecond - 1));
  EXPECT_TRUE(limiter.WouldFill(kSecond));
  limiter.Accumulate(0, 1500 * kMilli);
  EXPECT_TRUE(limiter.limiting());
  EXPECT_EQ(limiter.fill_ns(), kSecond);
  EXPECT_TRUE(limiter.WouldFill(0));
  limiter.Accumulate(1, 0);
  EXPECT_FALSE(limiter.limiting());
}

// A collector that runs whenever the bucket has room for it gets half of the time, however much it
// wants.
TEST(CpuLimiterTest, BoundsTheCollectorsShareAtOneHalf) {
  CpuLimiter limiter(2);
  int64_t collecting = 0;
  int64_t working = 0;
  for (int i = 0; i < 100000; ++i) {
    if (limiter.WouldFill(40 * kMilli)) {
      limiter.Accumulate(kMilli, 0);
      working += kMilli;
    } else {
      limiter.Accumulate(0, 40 * kMilli);
      collecting += 40 * kMilli;
    }
  }
  EXPECT_NEAR(static_cast<double>(collecting) / static_cast<double>(collecting + working), 0.5,
              0.02);
}

}  // namespace
}  // namespace heapwise::runtime
