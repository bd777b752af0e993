// The tutorial's program: 100 slices of 1 MiB, a forced collection, and the statistics before and
// after.
#ifndef HEAPWISE_LESSONS_01_GC_METRICS_PROGRAM_H_
#define HEAPWISE_LESSONS_01_GC_METRICS_PROGRAM_H_

#include <ostream>

#include "heapwise/mem_stats.h"

namespace program {

// Prints the six numbers that the tutorial prints; "MB" is 1024 * 1024 bytes, rounded down.
void PrintStats(const heapwise::runtime::MemStats& stats, std::ostream& out);

struct Readings {
  heapwise::runtime::MemStats before;
  heapwise::runtime::MemStats after;
};

// Nothing points to the slices any more when the collection is forced.
Readings RunAndDrop(std::ostream& out);

// The slices are still in use when the collection is forced; the next run of either kind drops
// them.
Readings RunAndKeep(std::ostream& out);

}  // namespace program

#endif  // HEAPWISE_LESSONS_01_GC_METRICS_PROGRAM_H_
