#ifndef HEAPWISE_GC_FAST_PATH_H_
#define HEAPWISE_GC_FAST_PATH_H_

#include <atomic>
#include <cstdint>

// All of the collector that an allocation passes through: two counters, once for each batch of objects and each large one.
namespace heapwise::runtime::internal {

// The live heap: survivors of the last collection plus everything allocated since, in bytes of objects. Added to by every
// thread, taken from at the end of a collection (cycle.cc).
inline constinit std::atomic<uint64_t> heap_live{0};

// While heap_live stays below this, no collection can be due. 0 while a memory limit or the incremental mode makes each
// batch ask. Set by UpdateTrigger (trigger.h).
inline constinit std::atomic<uint64_t> check_threshold{0};

// Asks in earnest, and collects if so (collector.cc).
void CollectIfDueSlow(uint64_t upcoming);

// Called before `upcoming` bytes are allocated; collects when they would carry the live heap to its goal. The calling
// thread must be registered with the collector and hold no lock of LOCKS.md.
inline void CollectIfDue(uint64_t upcoming) {
  if (heap_live.load(std::memory_order_relaxed) + upcoming <
      check_threshold.load(std::memory_order_relaxed)) {
    return;
  }
  CollectIfDueSlow(upcoming);
}

// Called after bytes were allocated. A collection that another thread makes in between counts them twice, until the next
// one corrects it.
inline void AccountAllocation(uint64_t bytes) {
  heap_live.fetch_add(bytes, std::memory_order_relaxed);
}

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_FAST_PATH_H_
