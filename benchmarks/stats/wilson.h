#ifndef HEAPWISE_BENCHMARKS_STATS_WILSON_H_
#define HEAPWISE_BENCHMARKS_STATS_WILSON_H_

#include <cstddef>
#include <optional>

#include "benchmarks/stats/interval.h"

// The interval of a share: of `trials` runs, so many survived.
namespace heapwise::stats {

// The share successes / trials with Wilson's 95 % score interval, without continuity correction. Unlike the textbook's
// p +- 1.96 s it stays inside [0, 1] and says something where all or none survived: 12 of 12 is 100 %, 76 to 100 %.
// No value where there are no trials, or more successes than those. Pure; safe from any thread. Wilson (1927), Probable
// inference, the law of succession, and statistical inference, JASA 22(158).
std::optional<Interval> WilsonInterval(std::size_t successes, std::size_t trials);

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_WILSON_H_
