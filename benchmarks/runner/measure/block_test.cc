#include "benchmarks/runner/measure/block.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::UnorderedElementsAreArray;

TEST(BlockSeedTest, HangsOnRunLessonAndBlockAlone) {
  EXPECT_EQ(BlockSeed(1, "05-a", 0), BlockSeed(1, "05-a", 0));
  std::set<uint64_t> seeds;
  for (const uint64_t run : {0, 1, 2}) {
    for (const char* lesson : {"05-a", "05-b", "06-a"}) {
      for (int block = 0; block < 100; ++block) seeds.insert(BlockSeed(run, lesson, block));
    }
  }
  EXPECT_EQ(seeds.size(), 900u);
  EXPECT_LT(*seeds.rbegin(), uint64_t{1} << 31);
}

// A recorded run is gone on with by later versions: computed from the paper, apart from the code here.
TEST(BlockSeedTest, MeansTheSameInEveryVersion) {
  EXPECT_EQ(BlockSeed(1, "05-value-return", 0), 1179650679u);
  EXPECT_EQ(BlockSeed(1, "05-value-return", 1), 226905841u);
  EXPECT_EQ(BlockSeed(7, "01-gc-metrics", 11), 1483652942u);
  EXPECT_EQ(BlockSeed(~uint64_t{0}, "\u00e9", 2), 1755114514u);
}

TEST(ShuffledTest, IsAPermutationMadeByTheSeed) {
  const std::vector<std::string> names = {"a", "b", "c", "d", "e"};
  EXPECT_EQ(Shuffled(names, 7), Shuffled(names, 7));
  EXPECT_THAT(Shuffled(names, 7), UnorderedElementsAreArray(names));
  // Every name comes first about as often: 1000 draws, 200 expected, sigma 12.6; six sigmas.
  for (const std::string& name : names) {
    int first = 0;
    for (int block = 0; block < 1000; ++block) {
      first += Shuffled(names, BlockSeed(1, "05-a", block)).front() == name;
    }
    EXPECT_NEAR(first, 200, 76) << name;
  }
}

}  // namespace
}  // namespace heapwise::runner
