// A function that calls itself until its calls hold 10 MiB, and the same on the heap.
#ifndef HEAPWISE_LESSONS_03_STACK_VS_HEAP_RECURSION_H_
#define HEAPWISE_LESSONS_03_STACK_VS_HEAP_RECURSION_H_

#include <cstdint>

inline constexpr int64_t kFrameBytes = 1 << 10;  // the locals of one call
inline constexpr int64_t kDiveBytes = 10 << 20;  // how deep it is to get

// Is told how many bytes the calls hold so far, for each new depth.
using DepthReached = void (*)(int64_t bytes);

// Each returns the number of calls that it took to get kDiveBytes deep. The first needs as much room on the calling
// thread's stack: where there is less, the process dies of SIGSEGV.
int64_t RecurseOnStack(DepthReached reached);
int64_t RecurseOnHeap(DepthReached reached);

#endif  // HEAPWISE_LESSONS_03_STACK_VS_HEAP_RECURSION_H_
