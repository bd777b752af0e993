// The thresholds of Heapwise's statistics: each stands here and nowhere else.
#ifndef HEAPWISE_BENCHMARKS_STATS_CONSTANTS_H_
#define HEAPWISE_BENCHMARKS_STATS_CONSTANTS_H_

#include <cstddef>

namespace heapwise::stats {

// Every interval is a 95 % interval: at most 2.5 % of its misses on either side.
inline constexpr double kConfidence = 0.95;
inline constexpr double kTail = (1 - kConfidence) / 2;
// The standard normal quantile of 1 - kTail, for the approximations beyond the exact distributions.
inline constexpr double kNormalQuantile = 1.9599639845400545;

// The practical threshold of a ratio: a difference of 5 % or less is no difference worth teaching.
inline constexpr double kPracticalThreshold = 0.05;

// The half-width of a ratio's interval that the stop rule aims below, as a fraction (log units).
inline constexpr double kTargetHalfWidth = 0.02;

// By how much the stop rule raises the number of blocks that the pilot's interval asks for. The
// pilot's spread is itself uncertain: with 1 the final interval is as narrow as wanted in about 3
// measurements of 4, with 1.5 in more than 9 of 10 (normal noise, while max_blocks allows it).
inline constexpr double kPilotMargin = 1.5;

// Five values have no two-sided 95 % signed-rank interval: their whole range covers 1 - 2/2^5
// = 93.75 %.
inline constexpr std::size_t kMinBlocksForInterval = 6;

// The pilot, and the least number of blocks of a full measurement. From 12 values on, no single
// value, however wild, can be an end of the signed-rank interval or pull one along: it takes part
// in n Walsh averages, and the interval leaves out 13 at each end for n = 12, but only 8 for n = 10
// and 10 for n = 11.
inline constexpr std::size_t kMinBlocks = 12;

// The exact signed-rank distribution is used up to this many values, the normal approximation
// beyond.
inline constexpr std::size_t kExactSignedRankMax = 60;
// The exact Mann-Whitney distribution is used up to this product of the two sample sizes.
inline constexpr std::size_t kExactMannWhitneyMaxProduct = 1600;

// A value further than this many interquartile ranges outside the quartiles is flagged as an
// outlier. Tukey, Exploratory Data Analysis (1977), section 2D: the inner fences.
inline constexpr double kOutlierFence = 1.5;

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_CONSTANTS_H_
