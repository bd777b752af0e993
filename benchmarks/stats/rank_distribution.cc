#include "benchmarks/stats/rank_distribution.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "benchmarks/stats/constants.h"

namespace heapwise::stats {
namespace {

// The greatest k with P(statistic < k) <= kTail: the length of the longest run of leading
// probabilities whose sum stays within the tail.
std::size_t CutOf(const std::vector<double>& probability) {
  double sum = 0;
  std::size_t k = 0;
  // Ends before the probabilities do, whose sum is a half at least.
  while (sum + probability[k] <= kTail) sum += probability[k++];
  return k;
}

// The same from a normal approximation: P(statistic <= k - 1) is taken as Phi((k - 1/2 - mean) /
// sd).
std::size_t NormalCut(double mean, double variance) {
  return static_cast<std::size_t>(
      std::max(0.0, std::floor(mean + 0.5 - kNormalQuantile * std::sqrt(variance))));
}

}  // namespace

std::size_t SignedRankCut(std::size_t n) {
  if (n > kExactSignedRankMax) {
    const double size = static_cast<double>(n);
    return NormalCut(size * (size + 1) / 4, size * (size + 1) * (2 * size + 1) / 24);
  }
  // Each rank enters the sum with probability 1/2, independently of the others.
  std::vector<double> probability(n * (n + 1) / 2 + 1, 0.0);
  probability[0] = 1;
  for (std::size_t rank = 1, greatest = 0; rank <= n; greatest += rank, ++rank) {
    for (std::size_t sum = greatest + rank; sum >= rank; --sum) {
      probability[sum] = (probability[sum] + probability[sum - rank]) / 2;
    }
    for (std::size_t sum = 0; sum < rank; ++sum) probability[sum] /= 2;
  }
  return CutOf(probability);
}

std::size_t MannWhitneyCut(std::size_t m, std::size_t n) {
  if (m > n) std::swap(m, n);
  if (m == 0) return 0;
  if (m * n > kExactMannWhitneyMaxProduct) {
    const double product = static_cast<double>(m) * static_cast<double>(n);
    return NormalCut(product / 2, product * static_cast<double>(m + n + 1) / 12);
  }
  // ways[j][u]: how many choices of j among the ranks so far have the statistic u. Rank r as the
  // j-th chosen lies above r - j ranks of the other sample. Only the lower half of the symmetric
  // distribution is kept.
  const std::size_t half = m * n / 2;
  std::vector<std::vector<double>> ways(m + 1, std::vector<double>(half + 1, 0.0));
  ways[0][0] = 1;
  double choices = 1;
  for (std::size_t rank = 1; rank <= m + n; ++rank) {
    for (std::size_t j = std::min(m, rank); j >= 1; --j) {
      for (std::size_t u = rank - j; u <= half; ++u) ways[j][u] += ways[j - 1][u - (rank - j)];
    }
  }
  for (std::size_t i = 1; i <= m; ++i) {
    choices *= static_cast<double>(n + i) / static_cast<double>(i);
  }
  for (double& count : ways[m]) count /= choices;
  return CutOf(ways[m]);
}

}  // namespace heapwise::stats
