#ifndef HEAPWISE_GC_LOG_H_
#define HEAPWISE_GC_LOG_H_

#include <cstdint>

#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/time_histogram.h"

// What the collections so far have left behind: the log (its public face is gc_events.h), the last pauses, the totals, the
// peak of the heap. Written at the end of a collection under bdwgc's lock, by cycle.cc alone; read by anyone.
namespace heapwise::runtime::internal {

// Once, before the first collection.
void StartLog();

// Enters a collection that ended at that time (MonotonicNanos), of which so many objects survived. The caller holds bdwgc's lock; nothing is allocated.
void LogCollection(const Collection& collection, uint64_t objects_marked, uint64_t end_ns);

// What the collections so far add up to. Each field is exact; read one after the other.
struct CollectorTotals {
  uint64_t num_gc;
  uint64_t num_forced;
  uint64_t pause_total_ns;
  uint64_t max_pause_ns;  // the longest time that a thread was held up since Init
  uint64_t gc_cpu_ns;
  uint64_t assist_ns;       // of it, what ran beside the program: marking steps, sweeping
  uint64_t heap_marked;     // bytes that survived the last collection
  uint64_t objects_marked;  // objects that did
  uint64_t last_gc_unix_ns;
  double gc_cpu_fraction;  // gc_cpu_ns / (time since Init * processors), as of the last collection
};
CollectorTotals Totals();

// Single ones, of the last collection.
uint64_t NumGc();
uint64_t HeapMarked();
uint64_t LastStackBytes();
uint64_t LastGcNanos();  // its end (MonotonicNanos); 0 before the first

// The last up to 256 pauses and their ends, indexed by collection number % 256 as in Go's MemStats. The caller holds
// bdwgc's lock.
void CopyPauses(uint64_t (&pause_ns)[256], uint64_t (&pause_end_unix_ns)[256]);

// The stops of the world so far, each of its own: how long the threads took to stop, and that with the rest of it, up to
// their going on. The collector's (a collection has one, in the incremental mode several) and those of others
// (ReadMemStats). Any thread.
struct Stops {
  TimeHistogram stopping;
  TimeHistogram total;

  void Record(uint64_t stopping_ns, uint64_t total_ns) {
    stopping.Record(stopping_ns);
    total.Record(total_ns);
  }
};
Stops& CollectionStops();
Stops& OtherStops();

// A thread was held up for so long, beside the stops of logged collections.
void NotePause(uint64_t ns);

// The live heap may be at its peak now: before a collection takes from it.
void NotePeak();

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_LOG_H_
