#ifndef HEAPWISE_NEW_DELETE_H_
#define HEAPWISE_NEW_DELETE_H_

#include <cstddef>
#include <cstdint>

#include "heapwise/base/next_sample.h"

// Linking this unit replaces the global operator new and delete (every form) by versions on malloc
// and free that count, and that a heap profiler can sample. malloc called directly is not seen.
namespace heapwise::runtime {

struct NewCounters {
  uint64_t allocs = 0;  // calls of operator new
  uint64_t bytes = 0;   // that these calls asked for
};

// By the calling thread since it started. Allocates nothing; a few nanoseconds.
NewCounters ThreadNews();

namespace internal {

// Sampling; off until a sampler is set, once, which costs a load and a branch for each operation.
//
// `sampled` is called as next_sample.h says, with the bytes that operator new was asked for. `freed` is called before memory
// that WatchDelete named is freed, and now and then for other memory. Neither may use operator new. SetNewHooks
// allocates a table with malloc.
void SetNewHooks(SampleHook sampled, void (*freed)(void* memory));

// Makes every thread ask for a new distance at its next operator new.
void RestartNewSampling();

// Whether operator delete reports this address: each Watch needs one Unwatch. Thread-safe.
void WatchDelete(void* memory);
void UnwatchDelete(void* memory);

}  // namespace internal
}  // namespace heapwise::runtime

#endif  // HEAPWISE_NEW_DELETE_H_
