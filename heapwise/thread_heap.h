#ifndef HEAPWISE_THREAD_HEAP_H_
#define HEAPWISE_THREAD_HEAP_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "heapwise/base/next_sample.h"

// Allocation below New and MakeSlice: free lists that belong to one thread, refilled from bdwgc a
// block at a time. Internal, except for ThreadScope and the counters.
namespace heapwise::runtime {

// Registers the calling thread with the collector for the lifetime of the object, so that its stack
// is scanned and it may touch the GC heap. A no-op on the main thread and on one that is already
// registered; nests. Every other thread needs one before it allocates, and while it holds pointers
// into the GC heap:
//
//   std::thread worker([] {
//     heapwise::runtime::ThreadScope scope;
//     ...
//   });
//
// A thread that allocates without one gets a message that says so, and the process exits with
// status 2. It unblocks the signals that the collector needs a thread to take (heap.h: Signals).
class ThreadScope {
 public:
  ThreadScope();
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  bool registered_here_;
};

// Objects handed out by the GC heap and their sizes, rounded up to the size class. Exact.
struct AllocCounters {
  uint64_t allocs = 0;
  uint64_t bytes = 0;
};

// By the calling thread, since it first allocated; never falls, whatever ThreadScopes begin and end.
// About 0.2 us; takes no lock.
AllocCounters ThreadAllocs();

// By all threads, ended ones included. About 0.2 us for each thread that there is or was at one time;
// takes no lock.
AllocCounters TotalAllocs();

namespace internal {

inline constexpr size_t kGranule = 16;  // bdwgc's unit of allocation and alignment
inline constexpr size_t kBlock = 4096;  // HBLKSIZE of Debian's build
// Two objects fill a block. One of exactly half a block is large: bdwgc's own added byte does not
// fit.
inline constexpr size_t kMaxSmallGranules = kBlock / kGranule / 2 - 1;
inline constexpr size_t kMaxSmall = kMaxSmallGranules * kGranule;

// Granules that an object of so many granules occupies: itself up to 256 bytes; above, as much as
// does not lessen the number of objects in a block.
inline constexpr std::array<uint8_t, kMaxSmallGranules + 1> kClassGranules = [] {
  std::array<uint8_t, kMaxSmallGranules + 1> classes{};
  constexpr size_t kBlockGranules = kBlock / kGranule;
  for (size_t g = 1; g <= kMaxSmallGranules; ++g) {
    classes[g] = static_cast<uint8_t>(
        g <= 16 ? g : std::min(kMaxSmallGranules, kBlockGranules / (kBlockGranules / g)));
  }
  return classes;
}();

enum Kind : int { kPointerFree = 0, kNormal = 1 };  // whether the collector scans the object

struct FreeList {
  void* head = nullptr;  // linked through the first word of each object
  // Objects taken from the list so far; written by the owner only
  std::atomic<uint64_t> allocated{0};
  std::atomic<uint64_t> refilled{0};  // objects put on it so far; the same
  // What follows `head` on the list: the next object that a heap sample falls on, and all behind it.
  void* rest = nullptr;
};

// Lives in uncollectable GC memory: the collector scans it, and so keeps what is on the lists. Never
// freed, so that whoever counts needs no lock: a thread that ends leaves it, with its counters and
// empty lists, to the next one that begins.
struct ThreadHeap {
  FreeList lists[2][kMaxSmallGranules + 1];  // by kind and granules
  std::atomic<uint64_t> large_allocs{0};
  std::atomic<uint64_t> large_bytes{0};
  std::atomic<uint64_t> stack_bytes{0};  // in use at the last refill
  uint64_t sample_gap = 0;               // bytes of refills and large objects up to the next sample
  int64_t sample_interval = 0;           // the NextSample that sample_gap comes from
  uint64_t sample_epoch = 0;             // the RestartSampling that both belong to
  int64_t rest_intervals[2][kMaxSmallGranules + 1] = {};  // of the samples at which lists are cut
  void** free_roots = nullptr;                            // root.cc
  size_t free_root_count = 0;
  ThreadHeap* next = nullptr;  // all of them; does not change once it is among them
  bool owned = true;           // by a thread that lives; guarded by the allocation lock
};

// Never null: a thread that has not allocated yet has one shared heap whose lists are empty for
// ever. Also where the code may go into a shared library, no call finds it: such a library has a place for it in every
// thread from the start, of which there is enough for those that are loaded later.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local ThreadHeap* thread_heap;

// Whether the calling thread has one of its own. Such a thread is registered.
bool HasThreadHeap();

// Leaves the free slots that a thread had at hand to others (root.cc). The allocation lock is held.
void GiveBackRootSlots(ThreadHeap& heap);

// Refills and allocates one; collects first when that is due. Never returns null.
void* AllocateSmallSlow(size_t granules, Kind kind);

// One object of so many granules (1 to kMaxSmallGranules; kClassGranules says which waste no room). Cleared when
// kNormal; a pointer-free one holds garbage.
inline void* AllocateSmall(size_t granules, Kind kind) {
  FreeList& list = thread_heap->lists[kind][granules];
  void* object = list.head;
  if (object == nullptr) [[unlikely]] {
    return AllocateSmallSlow(granules, kind);
  }
  list.head = *static_cast<void**>(object);
  if (kind == kNormal) *static_cast<void**>(object) = nullptr;
  list.allocated.store(list.allocated.load(std::memory_order_relaxed) + 1,
                       std::memory_order_relaxed);
  return object;
}

// An object of more than kMaxSmall bytes. Cleared when kNormal.
void* AllocateLarge(size_t bytes, Kind kind);

// Where an object of that alignment begins in memory that bdwgc knows by the address `base`: there, unless it is to be
// aligned to more than a block.
inline void* AlignedIn(void* base, size_t alignment) {
  if (alignment <= kBlock) return base;
  return static_cast<char*>(base) + (-reinterpret_cast<uintptr_t>(base) & (alignment - 1));
}

// An object at an address that is a multiple of `alignment` (> kGranule). Cleared when kNormal.
void* AllocateAligned(size_t alignment, size_t bytes, Kind kind);

// `bytes` rounded up to its size class; exact, no byte more. Cleared when kNormal.
inline void* AllocateExact(size_t bytes, Kind kind) {
  if (bytes > kMaxSmall) [[unlikely]] {
    return AllocateLarge(bytes, kind);
  }
  const size_t granules = bytes == 0 ? 1 : (bytes + kGranule - 1) / kGranule;
  return AllocateSmall(kClassGranules[granules], kind);
}

// Objects that collections have found dead: of those that there were when the last one stopped the world all that did not
// survive it, where what waits on free lists survives and was never the program's. Never falls; changes at the end of a
// collection alone. Any thread; takes no lock. Whoever wants to know what is left reads this before TotalAllocs, so that no
// collection comes in between.
AllocCounters TotalFrees();

// Objects handed out, by their size in granules; in the place of 0 the large ones. Any thread; takes no lock.
std::array<uint64_t, kMaxSmallGranules + 1> AllocsBySize();

// Whether an object, given by its beginning, is not scanned.
bool IsPointerFree(const void* object);

// Uncollectable GC memory for the library itself: cleared, scanned, and not counted as the
// program's.
void* AllocateOwn(size_t bytes);
void FreeOwn(void* memory);

// Exits with status 2 and a message that names ThreadScope if the calling thread is unknown to the
// collector.
void RequireRegisteredThread();

// Heap sampling; off until a sampler is set. The hook (next_sample.h) is called with each object that a sample falls on,
// with its size rounded to the class. Since exponential distances have no memory, each list may have one of its own. The
// hook must not allocate from this heap.
void SetSampleHook(SampleHook hook);

// Makes every thread ask for a new distance: the calling one at once, another one for each of its
// lists when that is refilled.
void RestartSampling();

// The calling thread, which is registered, uses the heap no more: what the end of its outermost ThreadScope does.
void LeaveCollector();

// Registers a function that a thread calls when it leaves the collector (its outermost ThreadScope
// ends), while it is still registered. At most eight, before main.
void AtThreadDetach(void (*callback)());

}  // namespace internal
}  // namespace heapwise::runtime

#endif  // HEAPWISE_THREAD_HEAP_H_
