// Claims judged in words, never by a bare p-value. Pure functions; safe from any thread.
#ifndef HEAPWISE_BENCHMARKS_STATS_VERDICT_H_
#define HEAPWISE_BENCHMARKS_STATS_VERDICT_H_

#include <optional>
#include <span>

#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/interval.h"

namespace heapwise::stats {

enum class Verdict { kShown, kContradicted, kTooNoisy };

// "shown", "contradicted", "too noisy here": the words of every table, file and chart.
const char* ToString(Verdict verdict);

// What a claim expects of a ratio.
enum class Expect { kMore, kLess, kSame };

// Judges a claim on a ratio by the ratio's interval (plain, not log; 1 = equal). The equivalence
// band is [1 / (1 + threshold), 1 + threshold]: symmetric on the log scale, so that swapping the
// two variants and the expectation never changes a verdict.
//
//   expect   shown                          contradicted
//   kMore    wholly above the band          wholly below 1, or wholly inside the band
//   kLess    wholly below the band          wholly above 1, or wholly inside the band
//   kSame    wholly inside the band         wholly outside the band, on one side
//
// Anything else is too noisy, as is no interval at all (fewer than kMinBlocksForInterval blocks).
//
// "The other side" is beyond 1, not beyond the far end of the band. Were it the latter, an interval
// of 0.93 to 0.97 would be called too noisy for the claim "more", although it is narrow and none of
// it is more; no number of blocks would ever settle a true ratio of 0.95. With the line at 1 only a
// true ratio at the claim's own threshold stays unsettled. This costs nothing in wrong verdicts:
// where the two variants are alike, "more" and "less" are both false, so contradicting them is
// right.
//
// Wrong verdicts on A/A data (true ratio 1) are therefore: *shown* for kMore or kLess,
// *contradicted* for kSame. With kMinBlocks blocks and normal noise of 5, 10, 20, 30 % a
// measurement all of them together come in 0.01, 0.2, 1.0, 1.5 % of measurements, and with the stop
// rule's blocks in less than 0.2 %. Noise without bound brings them up to the 4.2 % at which the
// interval of 12 blocks misses; nothing is measured then, and the control's minimum detectable
// effect says so.
//
// Precondition: threshold >= 0.
Verdict JudgeRatio(const std::optional<Interval>& ratio, Expect expect,
                   double threshold = kPracticalThreshold);

// What a claim expects of a deterministic measure.
enum class ExpectExact { kEqual, kAtMost, kAtLeast };

// Judges a claim on a deterministic measure by its values, one a block, compared with `value`
// exactly: shown where every block agrees, contradicted where none does. Mixed blocks mean that the
// measure is not deterministic here: too noisy, as are no blocks or a value that is not finite.
Verdict JudgeExact(std::span<const double> values, ExpectExact expect, double value);

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_VERDICT_H_
