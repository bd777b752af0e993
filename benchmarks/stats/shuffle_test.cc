#include "benchmarks/stats/shuffle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace heapwise::stats {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The orders come from another program, written after the papers (Matsumoto, Nishimura; Fisher, Yates).
TEST(Shuffle, ASeedMeansTheSameOrderEverywhere) {
  std::vector<int> values = {0, 1, 2, 3, 4, 5, 6, 7};
  std::mt19937_64 random(2086950906);
  Shuffle(values, random);
  EXPECT_THAT(values, ElementsAre(7, 1, 4, 2, 6, 5, 3, 0));
  values = {0, 1, 2};
  random.seed(1);
  Shuffle(values, random);
  EXPECT_THAT(values, ElementsAre(1, 0, 2));
}

TEST(Shuffle, NoneAndOneStayAsTheyAre) {
  std::mt19937_64 random(1);
  std::vector<int> values;
  Shuffle(values, random);
  EXPECT_THAT(values, IsEmpty());
  values = {5};
  Shuffle(values, random);
  EXPECT_THAT(values, ElementsAre(5));
}

}  // namespace
}  // namespace heapwise::stats
