#include "heapwise/gc/time_histogram.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>

#include "gtest/gtest.h"

namespace heapwise::runtime::internal {
namespace {

TEST(TimeHistogramTest, BoundariesAreGos) {
  const std::span<const double> boundaries = TimeHistogram::Boundaries();
  ASSERT_EQ(boundaries.size(), TimeHistogram::kBuckets + 1);
  EXPECT_EQ(boundaries.front(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(boundaries.back(), std::numeric_limits<double>::infinity());
  // What a Go 1.27.4 prints of the buckets of /sched/pauses/total/gc:seconds.
  const double kFirst[] = {0,       6.4e-08,  1.28e-07, 1.92e-07, 2.56e-07,
                           3.2e-07, 3.84e-07, 4.48e-07, 5.12e-07, 6.4e-07};
  for (size_t i = 0; i < std::size(kFirst); ++i) EXPECT_EQ(boundaries[i + 1], kFirst[i]) << i;
  EXPECT_EQ(boundaries[100], 3.758096384);
  EXPECT_EQ(boundaries[160], 123145.302310912);
  EXPECT_EQ(boundaries[161], 140737.488355328);
  for (size_t i = 1; i < boundaries.size(); ++i) EXPECT_LT(boundaries[i - 1], boundaries[i]) << i;
}

TEST(TimeHistogramTest, ATimeIsInTheBucketBetweenWhoseBoundariesItIs) {
  const std::span<const double> boundaries = TimeHistogram::Boundaries();
  const auto expect = [&boundaries](uint64_t ns) {
    const size_t bucket = TimeHistogram::BucketOf(ns);
    ASSERT_LT(bucket, TimeHistogram::kBuckets);
    const double seconds = static_cast<double>(ns) / 1e9;
    EXPECT_GE(seconds, boundaries[bucket]) << ns;
    // The largest numbers are not all doubles.
    if (ns < uint64_t{1} << 53) {
      EXPECT_LT(seconds, boundaries[bucket + 1]) << ns;
    }
  };
  std::mt19937_64 random(1);
  for (int bits = 0; bits < 64; ++bits) {
    for (const uint64_t near : {uint64_t{0}, uint64_t{1}, uint64_t{2}})
      expect((uint64_t{1} << bits) - 1 + near);
    for (int i = 0; i < 100; ++i) expect(random() >> bits);
  }
  expect(0);
  expect(std::numeric_limits<uint64_t>::max());
}

TEST(TimeHistogramTest, Counts) {
  TimeHistogram histogram;
  histogram.Record(1500);
  histogram.Record(1279);
  histogram.Record(1280);
  histogram.Record(uint64_t{1} << 47);
  uint64_t all = 0;
  for (size_t i = 0; i < TimeHistogram::kBuckets; ++i) all += histogram.Count(i);
  EXPECT_EQ(all, 4u);
  EXPECT_EQ(histogram.Count(TimeHistogram::BucketOf(1500)), 2u);
  EXPECT_EQ(histogram.Count(TimeHistogram::kBuckets - 1), 1u);
  EXPECT_EQ(histogram.Count(0), 0u);
}

}  // namespace
}  // namespace heapwise::runtime::internal
