// Counts what a piece of code allocates: calls of operator new and objects on the garbage-collected heap.
//
//   Allocations made = CountAllocations([] { auto user = std::make_unique<User>(); });
//   // made.new_allocs == 1, made.new_bytes == sizeof(User), made.gc_allocs == 0
//
// Linking this unit replaces the global operator new and delete (every form) by versions that add to
// counters of the calling thread and then use malloc and free. malloc called directly is not counted.
//
// Threads: every thread has counters of its own, so a count never holds what other threads do.
#ifndef HEAPWISE_BENCHMARKS_HARNESS_ALLOC_COUNTER_H_
#define HEAPWISE_BENCHMARKS_HARNESS_ALLOC_COUNTER_H_

#include <cstdint>
#include <utility>

namespace heapwise::bench {

struct Allocations {
  uint64_t new_allocs = 0;  // calls of operator new
  uint64_t new_bytes = 0;   // bytes that these calls asked for
  uint64_t gc_allocs = 0;   // objects allocated on the garbage-collected heap
  uint64_t gc_bytes = 0;  // their bytes, rounded up to the size class as the collector stores them

  uint64_t allocs() const { return new_allocs + gc_allocs; }
  uint64_t bytes() const { return new_bytes + gc_bytes; }

  friend Allocations operator-(const Allocations& a, const Allocations& b) {
    return {a.new_allocs - b.new_allocs, a.new_bytes - b.new_bytes, a.gc_allocs - b.gc_allocs,
            a.gc_bytes - b.gc_bytes};
  }
};

// What the calling thread has allocated since it started. Allocates nothing itself; a few nanoseconds.
Allocations ThreadAllocations();

// What `code` allocates on the calling thread while it runs.
template <class Code>
Allocations CountAllocations(Code&& code) {
  const Allocations before = ThreadAllocations();
  std::forward<Code>(code)();
  return ThreadAllocations() - before;
}

}  // namespace heapwise::bench

#endif  // HEAPWISE_BENCHMARKS_HARNESS_ALLOC_COUNTER_H_
