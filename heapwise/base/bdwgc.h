#ifndef HEAPWISE_BASE_BDWGC_H_
#define HEAPWISE_BASE_BDWGC_H_

// bdwgc's headers with its thread functions declared, but without its macros that rename pthread_create,
// and its lock as a guard.
#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include <gc/gc.h>
#include <gc/gc_inline.h>
#include <gc/gc_mark.h>

namespace heapwise::runtime::internal {

// Holds bdwgc's allocation lock, which is not recursive: whoever has it calls nothing of bdwgc's that takes it, and
// allocates nothing.
class AllocLock {
 public:
  AllocLock() { GC_alloc_lock(); }
  ~AllocLock() { GC_alloc_unlock(); }
  AllocLock(const AllocLock&) = delete;
  AllocLock& operator=(const AllocLock&) = delete;
};

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_BASE_BDWGC_H_
