// Ratios of measures, estimated on the log scale, so that a/b and b/a tell the same story.
//
// Every measure has to be finite and greater than zero: a ratio with a zero has no logarithm and
// needs an exact claim instead. Pure functions; safe from any thread.
#ifndef HEAPWISE_BENCHMARKS_STATS_RATIO_H_
#define HEAPWISE_BENCHMARKS_STATS_RATIO_H_

#include <optional>
#include <span>
#include <vector>

#include "benchmarks/stats/interval.h"

namespace heapwise::stats {

// log(of / over), block by block: of[i] and over[i] come from the same block. No value where the
// two differ in length or hold anything but finite numbers greater than zero.
std::optional<std::vector<double>> LogRatios(std::span<const double> of,
                                             std::span<const double> over);

// The ratio of two variants measured in the same blocks: Hodges-Lehmann over LogRatios(), as a
// plain ratio (1 = equal). No value where LogRatios() or HodgesLehmann() has none.
std::optional<Interval> PairedRatio(std::span<const double> of, std::span<const double> over);

// The ratio of one variant's measure in two runs, after / before: blocks of different runs are not
// pairs, so this is the Hodges-Lehmann shift of the logarithms, as a plain ratio. No value where a
// measure is not a finite number greater than zero, or HodgesLehmannShift() has none.
std::optional<Interval> UnpairedRatio(std::span<const double> after,
                                      std::span<const double> before);

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_RATIO_H_
