// An estimate with its 95 % confidence interval: low <= estimate <= high, in the unit of what was
// measured.
#ifndef HEAPWISE_BENCHMARKS_STATS_INTERVAL_H_
#define HEAPWISE_BENCHMARKS_STATS_INTERVAL_H_

namespace heapwise::stats {

struct Interval {
  double estimate;
  double low;
  double high;
};

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_INTERVAL_H_
