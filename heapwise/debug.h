#ifndef HEAPWISE_DEBUG_H_
#define HEAPWISE_DEBUG_H_

#include <cstdint>

// Go's package runtime/debug, as far as it steers the collector. All functions are thread-safe.
namespace heapwise::debug {

// Sets GOGC: the next collection starts when the heap has grown by `percent` over what survived the
// last one. Acts at once, on the cycle that is under way too. Any negative percentage switches the
// percentage's goal off; only a memory limit, GC() or FreeOSMemory then collects. Returns the old
// value (-1 for off). Go: mgcpacer.go:1326.
int SetGCPercent(int percent);

// Sets GOMEMLIMIT, in bytes: a soft limit on MemStats.Sys - MemStats.HeapReleased. Acts at once. A
// negative limit changes nothing. INT64_MAX means no limit. Returns the old value. Go:
// mgcpacer.go:1373.
int64_t SetMemoryLimit(int64_t limit);

// Collects, and gives as much free memory back to the system as the collector can. bdwgc needs
// three collections in a row for that, sometimes a few more, and NumGC and NumForcedGC rise by as
// many (Go's by one). The calling thread must be registered.
void FreeOSMemory();

// Has the heap grow by pages of 4 KiB from now on, for a process whose memory is counted so closely that half a huge
// page (2 MiB) matters. Go has no such call; it reads GODEBUG=disablethp=1 at the start, and so does this library.
void DisableHugePages();

}  // namespace heapwise::debug

#endif  // HEAPWISE_DEBUG_H_
