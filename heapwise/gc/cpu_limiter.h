#ifndef HEAPWISE_GC_CPU_LIMITER_H_
#define HEAPWISE_GC_CPU_LIMITER_H_

#include <cstdint>

namespace heapwise::runtime {

// Go's GC CPU limiter (mgclimit.go): what bounds the death spiral of a heap that does not fit its
// limit.
//
// A leaky bucket of one CPU-second for each processor. The collector's CPU time fills it, the
// program's drains it, neither below zero nor above the capacity; so over any window longer than
// the capacity the collector gets about half of the CPU at most. A full bucket means limiting: Go
// then stops making the program help with marking; we put the collection off, and the heap grows
// past its goal instead.
//
// Pure arithmetic on the times it is given, in nanoseconds. Not thread-safe: the caller serialises.
class CpuLimiter {
 public:
  static constexpr int64_t kCapacityPerProcessor = 1'000'000'000;  // mgclimit.go:315

  explicit CpuLimiter(int processors) : capacity_(processors * kCapacityPerProcessor) {}

  // Adds a window in which the program used mutator_ns of CPU time and the collector gc_ns
  // (mgclimit.go:266, accumulate). For a stop-the-world pause gc_ns is pause * processors
  // (mgclimit.go:132): the other processors are kept from working too. Idle time counts for
  // neither.
  void Accumulate(int64_t mutator_ns, int64_t gc_ns);

  // Whether the bucket is full.
  bool limiting() const { return fill_ == capacity_; }

  // Whether a collection that is expected to cost gc_ns would fill the bucket.
  bool WouldFill(int64_t gc_ns) const { return gc_ns >= capacity_ - fill_; }

  int64_t fill_ns() const { return fill_; }
  int64_t capacity_ns() const { return capacity_; }

 private:
  int64_t capacity_;
  int64_t fill_ = 0;
};

}  // namespace heapwise::runtime

#endif  // HEAPWISE_GC_CPU_LIMITER_H_
