// How many of the ordered averages or differences a 95 % rank interval leaves out at each end.
//
// Pure functions; safe from any thread.
#ifndef HEAPWISE_BENCHMARKS_STATS_RANK_DISTRIBUTION_H_
#define HEAPWISE_BENCHMARKS_STATS_RANK_DISTRIBUTION_H_

#include <cstddef>

namespace heapwise::stats {

// The greatest k with P(W < k) <= 2.5 %, where W is Wilcoxon's signed-rank statistic of `n` values
// that lie symmetrically about zero; 0 where even P(W = 0) is greater (n <= 5). Between the k-th
// smallest and the k-th greatest Walsh average lies the centre of symmetry with a probability of at
// least 95 %: 1 - 2 P(W < k), 95.1 % for n = 10. Hollander, Wolfe, Chicken, Nonparametric
// Statistical Methods (3rd ed.), section 3.3. Exact by dynamic programming over the ranks up to
// kExactSignedRankMax; beyond, the normal approximation with continuity correction, rounded to the
// safe side.
std::size_t SignedRankCut(std::size_t n);

// The greatest k with P(U < k) <= 2.5 %, where U is the Mann-Whitney statistic of two samples of
// `m` and `n` values from one distribution; 0 where even P(U = 0) is greater. Between the k-th
// smallest and the k-th greatest of the m * n differences lies the shift with a probability of at
// least 95 %. Same book, section 4.3. Exact by dynamic programming while m * n <=
// kExactMannWhitneyMaxProduct; beyond as above.
std::size_t MannWhitneyCut(std::size_t m, std::size_t n);

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_RANK_DISTRIBUTION_H_
