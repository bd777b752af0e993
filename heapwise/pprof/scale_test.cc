#include "heapwise/pprof/scale.h"

#include <cmath>
#include <ostream>

#include "gtest/gtest.h"

namespace heapwise::pprof::internal {

void PrintTo(const Estimate& e, std::ostream* out) { *out << e.objects << " of " << e.bytes; }

namespace {

TEST(ScaleTest, ScalesAsGoDoes) {
  EXPECT_EQ(ScaleHeapSample(0, 0, 524288), (Estimate{0, 0}));
  EXPECT_EQ(ScaleHeapSample(3, 96, 1), (Estimate{3, 96}));
  EXPECT_EQ(ScaleHeapSample(3, 96, 0), (Estimate{3, 96}));
  constexpr int64_t kNoDouble = (int64_t{1} << 60) + 1;
  EXPECT_EQ(ScaleHeapSample(1, kNoDouble, 1), (Estimate{1, kNoDouble})) << "as it is";
  EXPECT_EQ(ScaleHeapSample(0, 96, 524288), (Estimate{0, 0}));
  EXPECT_EQ(ScaleHeapSample(3, 0, 524288), (Estimate{0, 0}));
  // The figures of Go's own test, protomem_test.go.
  EXPECT_EQ(ScaleHeapSample(4, 4096, 524288), (Estimate{2050, 2099200}));
  EXPECT_EQ(ScaleHeapSample(3, 3072, 524288), (Estimate{1537, 1574400}));
  EXPECT_EQ(ScaleHeapSample(1, 524288, 524288), (Estimate{1, 829411}));
  EXPECT_EQ(ScaleHeapSample(-1, -524288, 524288), (Estimate{-1, -829411}));
}

TEST(ScaleTest, AProbabilityIsOneAtRateOneAndBelow) {
  for (const int64_t rate : {1, 0, -5}) EXPECT_EQ(SampleProbability(8, rate), 1) << rate;
  EXPECT_DOUBLE_EQ(SampleProbability(2, 2), 1 - std::exp(-1.0));
}

TEST(ScaleTest, ConvertedSamplesStandForAsMuch) {
  EXPECT_EQ(ConvertHeapSample(7, 700, 4096, 4096), (Estimate{7, 700})) << "the same rate";
  EXPECT_EQ(ConvertHeapSample(0, 0, 4096, 1), (Estimate{0, 0}));
  EXPECT_EQ(ConvertHeapSample(0, 5, 4096, 1), (Estimate{0, 5})) << "of no size";
  EXPECT_EQ(ConvertHeapSample(5, 0, 4096, 1), (Estimate{5, 0}));
  // To rate 1, at which each stands for itself: scaled.
  EXPECT_EQ(ConvertHeapSample(4, 4096, 524288, 1), (Estimate{2050, 2099200}));
  EXPECT_EQ(ConvertHeapSample(-4, -4096, 524288, 1), (Estimate{-2050, -2099200}));
  // And to another one: what it scales up to there.
  const Estimate finer = ConvertHeapSample(1000, 512'000, 524288, 4096);
  const Estimate there = ScaleHeapSample(finer.objects, finer.bytes, 4096);
  const Estimate here = ScaleHeapSample(1000, 512'000, 524288);
  EXPECT_NEAR(static_cast<double>(there.bytes) / static_cast<double>(here.bytes), 1, 1e-4);
  EXPECT_NEAR(static_cast<double>(there.objects) / static_cast<double>(here.objects), 1, 1e-4);
}

}  // namespace
}  // namespace heapwise::pprof::internal
