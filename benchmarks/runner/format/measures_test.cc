#include "benchmarks/runner/format/measures.h"

#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

TEST(MeasuresTest, LabelsNameTheOperation) {
  const Measure time = FindMeasure("time_ns", "request");
  EXPECT_EQ(time.label, "time per request");
  EXPECT_EQ(time.unit, "ns");
  EXPECT_TRUE(time.timing);
  EXPECT_EQ(time.better, stats::Better::kLess);
  EXPECT_FALSE(FindMeasure("collections", "request").timing);
  EXPECT_EQ(FindMeasure("ops_per_second", "request").better, stats::Better::kMore);
}

TEST(MeasuresTest, ALessonsOwnIsATimingShownByItsName) {
  EXPECT_FALSE(IsKnownMeasure("hits"));
  const Measure own = FindMeasure("hits", "request");
  EXPECT_EQ(own.label, "hits");
  EXPECT_EQ(own.unit, "");
  EXPECT_TRUE(own.timing);
}

}  // namespace
}  // namespace heapwise::runner
