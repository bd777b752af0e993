#ifndef HEAPWISE_MODES_H_
#define HEAPWISE_MODES_H_

#include <chrono>

// How the collector works. Which mode runs is also in HeapCounters, gctrace and every recorded result. Any thread.
namespace heapwise::runtime {

enum class Mode {
  kStopTheWorld,  // one thread marks, the program stands still
  kParallel,  // the program stands still, several threads mark: the default where there are several processors
  kIncremental,  // generational; marking in steps at allocations, one thread; short stops
};

Mode CurrentMode();
const char* ModeName(Mode mode);  // "stop-the-world", "parallel", "incremental"

// Threads that mark: 1 in the stop-the-world and incremental modes. The environment variable
// GC_MARKERS (bdwgc's own) sets it, up to 16; the default, also where it is no number above 0, is one
// for each processor. After a fork the child has
// one, until its first collection starts the others again.
int Markers();

// Switches to the incremental mode for the rest of the process. No stop and no marking step should
// take longer than pause_target: a target, not a bound, as bdwgc must finish a cycle that keeps
// missing it. Call it before the heap grows. Marking is not parallel in this mode (bdwgc issue
// 545). A system call cannot write into an object that may hold pointers in this mode: EFAULT (heap.h). Precondition: at
// least 1 ms.
void EnableIncremental(std::chrono::milliseconds pause_target);

}  // namespace heapwise::runtime

#endif  // HEAPWISE_MODES_H_
