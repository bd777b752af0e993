#include "benchmarks/stats/rank_distribution.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "benchmarks/stats/constants.h"

namespace heapwise::stats {
namespace {

TEST(SignedRankCut, IsOneAboveTheTabulatedCriticalValue) {
  // Two-sided 5 % critical values T of the signed-rank test (the test rejects at T or less), as
  // textbooks print them; the cut is T + 1.
  const std::vector<std::pair<std::size_t, std::size_t>> table = {
      {6, 0},   {7, 2},   {8, 3},   {9, 5},   {10, 8},   {11, 10},  {12, 13}, {13, 17},
      {14, 21}, {15, 25}, {16, 29}, {17, 34}, {18, 40},  {19, 46},  {20, 52}, {21, 58},
      {22, 65}, {23, 73}, {24, 81}, {25, 89}, {30, 137}, {40, 264}, {50, 434}};
  for (const auto& [n, critical] : table) EXPECT_EQ(SignedRankCut(n), critical + 1) << n;
}

TEST(SignedRankCut, NoIntervalBelowSixValues) {
  for (std::size_t n = 0; n < kMinBlocksForInterval; ++n) EXPECT_EQ(SignedRankCut(n), 0u) << n;
}

// Whether the approximation is the exact cut or one less, which is the safe side.
bool IsSafe(std::size_t approximation, std::size_t exact) {
  return approximation == exact || approximation + 1 == exact;
}

TEST(SignedRankCut, ApproximationIsSafe) {
  // The exact values are from rational arithmetic.
  EXPECT_EQ(SignedRankCut(60), 649u);  // still by dynamic programming
  EXPECT_PRED2(IsSafe, SignedRankCut(61), 673u);
  EXPECT_PRED2(IsSafe, SignedRankCut(80), 1212u);
  EXPECT_PRED2(IsSafe, SignedRankCut(100), 1956u);
}

TEST(SignedRankCut, FromTwelveValuesOnLeavesOutMoreThanOneValueTakesPartIn) {
  EXPECT_LE(SignedRankCut(kMinBlocks - 1), kMinBlocks - 1);
  for (std::size_t n = kMinBlocks; n <= 200; ++n) EXPECT_GT(SignedRankCut(n), n);
}

TEST(MannWhitneyCut, IsOneAboveTheTabulatedCriticalValue) {
  // Two-sided 5 % critical values of U; the cut is U + 1.
  struct Row {
    std::size_t m, n, critical;
  };
  const std::vector<Row> table = {{4, 4, 0},    {5, 5, 2},    {6, 6, 5},    {7, 7, 8},
                                  {8, 8, 13},   {5, 10, 8},   {10, 10, 23}, {12, 12, 37},
                                  {10, 20, 55}, {15, 15, 64}, {20, 20, 127}};
  for (const auto& [m, n, critical] : table) {
    EXPECT_EQ(MannWhitneyCut(m, n), critical + 1) << m << ", " << n;
    EXPECT_EQ(MannWhitneyCut(n, m), critical + 1) << n << ", " << m;
  }
}

// One value against n: its rank is each of n + 1 with the same probability, and 1601 is a prime.
TEST(MannWhitneyCut, IsExactUpToAProductOf1600) {
  EXPECT_EQ(MannWhitneyCut(1, 1600), 40u);
  EXPECT_EQ(MannWhitneyCut(1, 1601), 0u) << "the normal approximation, which knows no such shape";
}

TEST(MannWhitneyCut, NoIntervalForSamplesTooSmall) {
  EXPECT_EQ(MannWhitneyCut(0, 100), 0u);
  EXPECT_EQ(MannWhitneyCut(1, 38), 0u);
  EXPECT_EQ(MannWhitneyCut(2, 7), 0u);
  EXPECT_EQ(MannWhitneyCut(3, 4), 0u);
  EXPECT_EQ(MannWhitneyCut(2, 8), 1u);
  EXPECT_EQ(MannWhitneyCut(3, 5), 1u);
}

TEST(MannWhitneyCut, ApproximationIsSafe) {
  EXPECT_EQ(MannWhitneyCut(40, 40), 597u);  // still by dynamic programming
  EXPECT_PRED2(IsSafe, MannWhitneyCut(41, 41), 629u);
  EXPECT_PRED2(IsSafe, MannWhitneyCut(50, 50), 966u);
  EXPECT_PRED2(IsSafe, MannWhitneyCut(20, 100), 722u);
}

}  // namespace
}  // namespace heapwise::stats
