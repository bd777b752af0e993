#ifndef HEAPWISE_GC_TIME_HISTOGRAM_H_
#define HEAPWISE_GC_TIME_HISTOGRAM_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace heapwise::runtime::internal {

// Go's distribution of times (histogram.go): four buckets of equal width for each power of two from 2^8 ns on, so that a
// time is known to a quarter; below that four of 64 ns; from 2^47 ns on, about a day and a half, one for all. The first
// bucket is for negative times, of which there are none here.
//
//   TimeHistogram pauses;
//   pauses.Record(1500);                     // [1280, 1536) ns: 1024 and a quarter to a half of it
//   for (size_t i = 0; i < TimeHistogram::kBuckets; ++i)
//     if (pauses.Count(i) > 0) ...           // of times from Boundaries()[i] on, below Boundaries()[i + 1] seconds
//
// Thread-safe; takes no lock and allocates nothing.
class TimeHistogram {
 public:
  static constexpr size_t kBuckets = 162;

  void Record(uint64_t ns) { counts_[BucketOf(ns)].fetch_add(1, std::memory_order_relaxed); }

  uint64_t Count(size_t bucket) const { return counts_[bucket].load(std::memory_order_relaxed); }

  static size_t BucketOf(uint64_t ns);

  // kBuckets + 1 boundaries in seconds, from minus to plus infinity (histogram.go:168).
  static std::span<const double> Boundaries();

 private:
  std::array<std::atomic<uint64_t>, kBuckets> counts_{};
};

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_TIME_HISTOGRAM_H_
