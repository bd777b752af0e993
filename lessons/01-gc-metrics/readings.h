// Forced collections, and what the statistics say before and after each of them.
#ifndef HEAPWISE_LESSONS_01_GC_METRICS_READINGS_H_
#define HEAPWISE_LESSONS_01_GC_METRICS_READINGS_H_

#include <cstdint>

// What a number of forced collections did to the statistics; each field counts collections.
struct Tally {
  int collections = 0;
  int total_alloc_fell = 0;     // between any two readings, from one collection to the next too
  int heap_alloc_fell = 0;      // from before the collection to after it
  int num_gc_rose_by_one = 0;   // likewise
  int last_pause_in_place = 0;  // PauseNs[(NumGC + 255) % 256] is what PauseTotalNs grew by

  uint64_t total_alloc_seen = 0;  // of the newest reading, bytes
};

// Drops 64 KiB, reads the statistics, collects, reads them again, and adds to the tally. No other
// thread may allocate meanwhile.
void CollectAndCompare(Tally& tally);

#endif  // HEAPWISE_LESSONS_01_GC_METRICS_READINGS_H_
