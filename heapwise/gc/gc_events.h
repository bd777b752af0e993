#ifndef HEAPWISE_GC_GC_EVENTS_H_
#define HEAPWISE_GC_GC_EVENTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heapwise::runtime {

// One collection, as the collector's own events saw it. Times are nanoseconds of CLOCK_MONOTONIC,
// sizes are bytes of heap objects (rounded to their size class).
struct Collection {
  uint64_t n = 0;             // 1 for the first collection since Init
  double start_s = 0;         // seconds since the process started (clock.h)
  const char* kind = "full";  // "full"; in incremental mode also "minor" for a generational one
  bool forced = false;        // the program asked for it: GC() or FreeOSMemory
  uint64_t heap_before_bytes = 0;  // live heap when it began, dead objects included
  uint64_t heap_after_bytes = 0;   // what survived
  uint64_t goal_bytes = 0;  // the goal that it was started for; 2^62 and more: there was none
  uint64_t pause_ns = 0;    // the world stood still: the sum over the stops of this cycle
  // The longest single time that a thread was held up: a stop, or a mark step
  uint64_t max_pause_ns = 0;
  uint64_t stop_ns = 0;             // of pause_ns: bringing the threads to a stop
  uint64_t mark_ns = 0;             // of pause_ns: marking
  uint64_t concurrent_mark_ns = 0;  // marking steps with the world running (incremental mode)
  uint64_t sweep_ns = 0;  // finding free blocks and counting survivors, the world running again
  // CPU time: pause_ns for each marking thread, plus the single-threaded rest
  uint64_t gc_cpu_ns = 0;
  uint64_t stack_bytes = 0;    // stacks in use, an estimate (cycle.h: SetStackMeter)
  uint64_t globals_bytes = 0;  // data and bss of the program and its libraries
};

// Collections that were asked for by index, as far as they are still there.
struct CollectionSlice {
  std::vector<Collection> collections;  // oldest first; n rises by one
  uint64_t lost = 0;                    // older ones that were asked for and have been overwritten
  uint64_t next = 0;                    // pass this as `since` to go on from here
};

// A log of a fixed size that keeps the newest entries. Add does not allocate, so that the
// collector's callbacks may call it; the entries lie in malloc's memory, which the collector does
// not scan. Not thread-safe.
class CollectionRing {
 public:
  explicit CollectionRing(size_t capacity) : capacity_(capacity) { entries_.reserve(capacity); }

  // Does not allocate. (The room is there from the start, but a page of it is touched only when it is filled.)
  void Add(const Collection& collection) {
    if (entries_.size() < capacity_) {
      entries_.push_back(collection);
    } else {
      entries_[next_ % capacity_] = collection;
    }
    ++next_;
  }

  // As many as were ever added: the index of the next.
  uint64_t next() const { return next_; }

  // How many entries with index >= since there still are.
  size_t CountSince(uint64_t since) const;

  // Appends those to slice.collections. Does not allocate where it has room for CountSince(since).
  void CopySince(uint64_t since, CollectionSlice& slice) const;

 private:
  const size_t capacity_;
  std::vector<Collection> entries_;
  uint64_t next_ = 0;
};

// The log of all collections of this process. The functions are thread-safe; they take the
// collector's allocation lock for a moment, so a callback of bdwgc must not call them.
class CollectionLog {
 public:
  static constexpr size_t kCapacity = size_t{1} << 14;
  using Slice = CollectionSlice;

  // The index of the next collection: as many as there have been so far.
  static uint64_t Next();

  // Every collection with index >= since (0 is the first of the process) that the log still holds.
  static Slice Since(uint64_t since);
};

// The greatest live heap (bytes of objects, dead ones that no collection has found yet included)
// since the last ResetPeakHeap, or since Init. Exact to a batch of a thread's free list (at most 4
// KiB each).
uint64_t PeakHeapBytes();
void ResetPeakHeap();

// CPU time that the collector has used since Init, in nanoseconds: the sum of
// Collection::gc_cpu_ns.
uint64_t GcCpuNanos();

}  // namespace heapwise::runtime

#endif  // HEAPWISE_GC_GC_EVENTS_H_
