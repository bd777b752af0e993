#ifndef HEAPWISE_MEM_STATS_H_
#define HEAPWISE_MEM_STATS_H_

#include <cstdint>

namespace heapwise::runtime {

// Go's runtime.MemStats with Go's names (mstats.go:57). Sizes are bytes. These identities hold:
//   Sys = HeapSys + StackSys + MSpanSys + MCacheSys + BuckHashSys + GCSys + OtherSys
//   HeapSys = HeapIdle + HeapInuse          HeapReleased <= HeapIdle
//   Alloc = HeapAlloc                       HeapObjects = Mallocs - Frees
//   the last pause is PauseNs[(NumGC + 255) % 256]
// Fields that have no meaning here are 0 and say so.
struct MemStats {
  uint64_t Alloc = 0;  // bytes of live objects, dead ones that no collection has found yet included
  // Bytes of all objects ever allocated, rounded to size classes; never falls
  uint64_t TotalAlloc = 0;
  uint64_t Sys = 0;      // bytes obtained from the system
  uint64_t Lookups = 0;  // always 0, as in Go
  uint64_t Mallocs = 0;  // objects ever allocated; exact
  uint64_t Frees = 0;    // objects freed; never falls

  uint64_t HeapAlloc = 0;
  uint64_t HeapSys = 0;       // address space of the heap, what was returned to the system included
  uint64_t HeapIdle = 0;      // blocks without objects
  uint64_t HeapInuse = 0;     // blocks with objects
  uint64_t HeapReleased = 0;  // of HeapIdle, what was returned to the system
  uint64_t HeapObjects = 0;   // objects allocated and not found dead; the same

  uint64_t StackInuse = 0;   // 0: stacks belong to the system's threads, not to this library
  uint64_t StackSys = 0;     // 0, the same
  uint64_t MSpanInuse = 0;   // 0: block headers are part of GCSys
  uint64_t MSpanSys = 0;     // 0, the same
  uint64_t MCacheInuse = 0;  // 0: the threads' free lists lie in the heap
  uint64_t MCacheSys = 0;    // 0, the same
  uint64_t BuckHashSys = 0;  // 0: the heap profile's tables are its own
  uint64_t GCSys = 0;        // headers, mark bits, mark stack
  uint64_t OtherSys = 0;     // 0

  uint64_t NextGC = 0;  // the heap goal; with GOGC=off and no limit 2^63 * 0.97, as in Go
  uint64_t LastGC = 0;  // end of the last collection, nanoseconds since 1970; 0 before the first
  uint64_t PauseTotalNs = 0;    // nanoseconds the world stood still, in total
  uint64_t PauseNs[256] = {};   // of each collection; collection n at [(n + 255) % 256]
  uint64_t PauseEnd[256] = {};  // nanoseconds since 1970
  uint32_t NumGC = 0;
  uint32_t NumForcedGC = 0;
  double GCCPUFraction = 0;  // of the CPU time available since Init, as of the last collection
  bool EnableGC = true;      // always true, as in Go
  bool DebugGC = false;      // always false, as in Go
  // BySize is left out: bdwgc keeps no counts by size class.
};

// Fills stats with a consistent snapshot. Like Go's, it stops the world: every other registered thread is signalled
// and waits. About 0.6 us where there is no other thread, and 0.1 ms with one to four idle ones, whatever the size of
// the heap (mem_stats_benchmark.cc).
void ReadMemStats(MemStats* stats);

// What can be had without stopping anything or taking a lock: under 1 us. Every field is right by
// itself, but a collection may end between two of them.
struct HeapCounters {
  uint64_t num_gc;
  uint64_t num_forced_gc;
  uint64_t pause_total_ns;
  uint64_t max_pause_ns;  // since Init
  uint64_t gc_cpu_ns;
  double gc_cpu_fraction;
  uint64_t heap_live;             // Alloc, exact to a batch (4 KiB) for each thread and size
  uint64_t heap_marked;           // bytes that survived the last collection
  uint64_t heap_goal;             // NextGC
  uint64_t heap_in_use_estimate;  // HeapInuse
  uint64_t heap_sys;              // HeapSys
  uint64_t sys_minus_released;    // what GOMEMLIMIT limits
  uint64_t peak_heap;             // PeakHeapBytes()
  uint64_t total_alloc;           // TotalAlloc
  uint64_t mallocs;               // Mallocs
  int markers;
  const char* mode;  // "stop-the-world", "parallel" or "incremental"
  bool limiter_on;   // the GC CPU limiter holds collections back now
  uint64_t limited;  // collections that it has put off so far
};
HeapCounters ReadHeapCounters();

}  // namespace heapwise::runtime

#endif  // HEAPWISE_MEM_STATS_H_
