#ifndef HEAPWISE_BASE_NEXT_SAMPLE_H_
#define HEAPWISE_BASE_NEXT_SAMPLE_H_

#include <cstddef>
#include <cstdint>

// What an allocator and a sampling profiler agree on.
namespace heapwise::runtime::internal {

// Where the next sample falls: so many bytes from here. `interval` is the sampler's own, by which it drew the distance.
struct NextSample {
  uint64_t gap;
  int64_t interval;
};

// Called with each allocation that a sample falls on, by the thread that makes it and before the program has it, and with
// the interval that came with the distance that has led there: the sampler may draw by another one by now. Returns the
// next, counted from the end of that allocation. Called with null, it only says where the next one is from here.
using SampleHook = NextSample (*)(void* memory, size_t bytes, int64_t interval);

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_BASE_NEXT_SAMPLE_H_
