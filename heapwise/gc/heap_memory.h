// Where bdwgc has its memory from, in place of its own GC_unix_get_mem, which maps each piece for itself, most of them
// of 64 KiB. Here they are cut from regions of whole huge pages (2 MiB), which the system is asked to give as such: the
// first touch then brings 2 MiB and not 4 KiB, and a collection that marks a large heap misses the TLB less often.
// Where /sys/kernel/mm/transparent_hugepage/enabled is "never", they are small pages as ever. Where there is no room for
// a region, a piece by itself is asked for.
//
// The incremental mode protects the heap against writing and lifts that page by page, which takes a huge page apart
// each time. It goes on with bdwgc's own small pieces, and so does who asked for that (debug.h, GODEBUG=disablethp=1).
#ifndef HEAPWISE_GC_HEAP_MEMORY_H_
#define HEAPWISE_GC_HEAP_MEMORY_H_

#include <cstddef>

namespace heapwise::runtime::internal {

// From now on, for the rest of the process, bdwgc's own pieces, of the system's usual pages. Any thread.
void UseSmallPages();

// From now on, for the rest of the process, memory that is free stays with the heap, where bdwgc would give it back to
// the system after some collections. FreeOSMemory gives it back all the same. Takes bdwgc's lock.
void KeepFreeMemory();

}  // namespace heapwise::runtime::internal

// Memory of zeros, or null where there is none; `bytes` is a multiple of the page size. Whoever calls it holds bdwgc's
// lock. The linker puts it into the place of GC_unix_get_mem (CMakeLists.txt).
extern "C" void* __wrap_GC_unix_get_mem(size_t bytes);

#endif  // HEAPWISE_GC_HEAP_MEMORY_H_
