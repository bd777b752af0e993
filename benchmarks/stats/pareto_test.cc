#include "benchmarks/stats/pareto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace heapwise::stats {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParetoFront, LessXAndMoreY) {
  // Memory against throughput: the third needs more memory than the second for less.
  const std::vector<Point> points = {{100, 50}, {30, 20}, {40, 10}, {60, 40}};
  EXPECT_THAT(ParetoFront(points, Better::kMore), ElementsAre(1, 3, 0));
}

TEST(ParetoFront, LessXAndLessY) {
  const std::vector<Point> points = {{100, 50}, {30, 60}, {40, 10}, {60, 40}};
  EXPECT_THAT(ParetoFront(points, Better::kLess), ElementsAre(1, 2));
}

TEST(ParetoFront, TiesInOneCoordinateAreBeaten) {
  const std::vector<Point> points = {{1, 5}, {1, 7}, {2, 7}};
  EXPECT_THAT(ParetoFront(points, Better::kMore), ElementsAre(1));
  EXPECT_THAT(ParetoFront(points, Better::kLess), ElementsAre(0));
  const std::vector<Point> same_y = {{1, 5}, {2, 5}};
  EXPECT_THAT(ParetoFront(same_y, Better::kMore), ElementsAre(0));
  EXPECT_THAT(ParetoFront(same_y, Better::kLess), ElementsAre(0));
}

TEST(ParetoFront, EqualPointsAreBothOnIt) {
  const std::vector<Point> points = {{1, 5}, {1, 5}};
  EXPECT_THAT(ParetoFront(points, Better::kMore), ElementsAre(0, 1));
}

TEST(ParetoFront, OfNothingAndOfNaN) {
  EXPECT_THAT(ParetoFront({}, Better::kMore), IsEmpty());
  const std::vector<Point> points = {{std::nan(""), 9}, {1, std::nan("")}, {3, 3}};
  EXPECT_THAT(ParetoFront(points, Better::kMore), ElementsAre(2));
}

}  // namespace
}  // namespace heapwise::stats
