// What the A/A control says: the fast variant, registered a second time, over itself.
// Pure functions; safe from any thread.
#ifndef HEAPWISE_BENCHMARKS_STATS_CONTROL_H_
#define HEAPWISE_BENCHMARKS_STATS_CONTROL_H_

#include "benchmarks/stats/interval.h"

namespace heapwise::stats {

// The minimum detectable effect, as a fraction (0.006 = 0.6 %): how far the control's interval
// reaches from 1, on the side where it reaches further. A true ratio of two equal variants may lie
// anywhere in there.
double MinDetectable(const Interval& control_ratio);

// Whether the control's interval contains 1. A sound machine fails this in one control of twenty.
bool Trusted(const Interval& control_ratio);

// The interval of a ratio of times, made wider on both sides by what two equal variants may seem to differ: divided and
// multiplied by 1 + MinDetectable. The estimate stays.
Interval Widened(const Interval& ratio, const Interval& control_ratio);

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_CONTROL_H_
