#include "heapwise/thread_heap.h"

#include <algorithm>
#include <utility>

#include "heapwise/base/atomic_max.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/base/callback_list.h"
#include "heapwise/base/clock.h"
#include "heapwise/base/fatal.h"
#include "heapwise/base/signals.h"
#include "heapwise/fiber.h"
#include "heapwise/gc/collector.h"
#include "heapwise/gc/cycle.h"
#include "heapwise/gc/fast_path.h"
#include "heapwise/gc/log.h"
#include "heapwise/gc/main_exit.h"
#include "heapwise/gc/survivors.h"

namespace heapwise::runtime {
namespace internal {
namespace {

// The heap grows by a 64th of its size: small steps, so that a memory limit is not overshot.
constexpr size_t kGrowthDivisor = 64;
constexpr size_t kLeastGrowth = size_t{64} << 10;

// Its lists stay empty: every allocation of a thread that has no heap of its own takes the slow
// path.
constinit ThreadHeap no_heap;

// bdwgc does not scan the last word of its own scanned kind: under all_interior_pointers that word
// holds the byte that it adds to each object (misc.c: GC_init adjusts the descriptor of NORMAL).
// Our objects fill their size exactly, so they have a kind of their own that is scanned to the end.
// Those without pointers have one too: it tells them from what bdwgc itself keeps in the heap.
constinit unsigned bdwgc_kinds[2] = {};  // by kind

unsigned NewBdwgcKind(Kind kind) {
  const int scanned = kind == kNormal ? 1 : 0;
  const unsigned made =
      GC_new_kind(GC_new_free_list(), GC_DS_LENGTH, /*add_size_to_descriptor=*/scanned,
                  /*clear_new_objects=*/scanned);
  CountKind(made);
  return made;
}

int BdwgcKind(Kind kind) { return static_cast<int>(bdwgc_kinds[kind]); }

// Only ever added to, with the allocation lock held.
constinit std::atomic<ThreadHeap*> heaps{nullptr};

// What ThreadAllocs adds to the counters of thread_heap: this thread's share of heaps that it has
// left, less the share of others in its present one. Differences wrap around and add up all the same.
constinit thread_local AllocCounters elsewhere;

// When the world last stopped for a collection: TotalAllocs, and what waited on free lists. Guarded by the allocation lock.
constinit AllocCounters total_at_stop;
constinit AllocCounters listed_at_stop;

// The most that a collection has found freed. Written with the allocation lock held.
constinit std::atomic<uint64_t> freed_objects{0};
constinit std::atomic<uint64_t> freed_bytes{0};

constinit CallbackList detach_callbacks;

constinit std::atomic<SampleHook> sample_hook{nullptr};
constinit std::atomic<uint64_t> sample_epoch{0};  // raised by SetSampleHook and RestartSampling

uint64_t Load(const std::atomic<uint64_t>& counter) {
  return counter.load(std::memory_order_relaxed);
}

void Add(std::atomic<uint64_t>& counter, uint64_t n) {
  counter.store(Load(counter) + n, std::memory_order_relaxed);
}

AllocCounters Sum(const ThreadHeap& heap) {
  AllocCounters sum{Load(heap.large_allocs), Load(heap.large_bytes)};
  for (const auto& lists : heap.lists) {
    for (size_t granules = 1; granules <= kMaxSmallGranules; ++granules) {
      const uint64_t n = Load(lists[granules].allocated);
      sum.allocs += n;
      sum.bytes += n * granules * kGranule;
    }
  }
  return sum;
}

uint64_t Length(const void* list) {
  uint64_t n = 0;
  for (; list != nullptr; list = *static_cast<void* const*>(list)) ++n;
  return n;
}

// What waits on free lists: handed out by bdwgc, but not yet to the program. The world is stopped.
AllocCounters FreeListed() {
  AllocCounters sum;
  for (const ThreadHeap* heap = heaps.load(); heap != nullptr; heap = heap->next) {
    for (const auto& lists : heap->lists) {
      for (size_t granules = 1; granules <= kMaxSmallGranules; ++granules) {
        const FreeList& list = lists[granules];
        uint64_t n = Load(list.refilled) - Load(list.allocated);
        if (n == 0) n = Length(list.head);  // of a thread that was stopped in the middle of Refill
        sum.allocs += n;
        sum.bytes += n * granules * kGranule;
      }
    }
  }
  return sum;
}

uint64_t StackBytes() {
  uint64_t bytes = 0;
  for (const ThreadHeap* heap = heaps.load(); heap != nullptr; heap = heap->next)
    bytes += Load(heap->stack_bytes);
  return bytes;
}

// Conservative marking may revive what an earlier collection found dead and nothing has overwritten since: once counted as
// freed, it stays so.
void CountFreed() {
  const CollectorTotals totals = Totals();
  const auto freed = [](uint64_t there_were, uint64_t survived, uint64_t listed) {
    const uint64_t alive = survived - std::min(survived, listed);
    return there_were - std::min(there_were, alive);
  };
  RaiseTo(freed_objects, freed(total_at_stop.allocs, totals.objects_marked, listed_at_stop.allocs));
  RaiseTo(freed_bytes, freed(total_at_stop.bytes, totals.heap_marked, listed_at_stop.bytes));
}

// Runs when roots are pushed. Lists that their threads take from must not be followed; what they hold is marked when the
// world stops, the last time that a collection stops it too. The collector scans a ThreadHeap and so finds the head of each free list, but it does not look into
// pointer-free objects for the links.
void NoteLists() {
  if (!WorldIsStopped()) return;
  total_at_stop = TotalAllocs();
  listed_at_stop = FreeListed();
  for (const ThreadHeap* heap = heaps.load(); heap != nullptr; heap = heap->next) {
    for (const FreeList& list : heap->lists[kPointerFree]) {
      for (void* part : {list.head, list.rest}) {
        for (void* object = part; object != nullptr; object = *static_cast<void**>(object)) {
          GC_set_mark_bit(object);
        }
      }
    }
  }
}

size_t RoundUp(size_t bytes) { return (bytes + kGranule - 1) & ~(kGranule - 1); }

// Empties the lists, whose objects are garbage from then on, and leaves the heap to another thread.
// The allocation lock is held.
void Disown(ThreadHeap& heap) {
  for (auto& lists : heap.lists) {
    for (FreeList& list : lists) {
      list.head = list.rest = nullptr;
      list.refilled.store(Load(list.allocated), std::memory_order_relaxed);
    }
  }
  heap.free_roots = nullptr;
  heap.free_root_count = 0;
  heap.stack_bytes.store(0, std::memory_order_relaxed);
  heap.owned = false;
}

// In the child of a fork, where the other threads are gone, in the middle of what they did.
void DisownOthers() {
  const AllocLock lock;
  for (ThreadHeap* heap = heaps.load(); heap != nullptr; heap = heap->next) {
    if (heap != thread_heap) Disown(*heap);
  }
}

void InitThreadHeaps() {
  static const bool done = [] {
    InitCollector();
    for (const Kind kind : {kPointerFree, kNormal}) bdwgc_kinds[kind] = NewBdwgcKind(kind);
    SetStackMeter(StackBytes);
    AtRootPushing(NoteLists);
    AtCollectionEnd(CountFreed);
    AtForkChild(DisownOthers);
    AtThreadDetach(ForgetThreadStack);
    KnowThreadStack();
    WatchMainThread(LeaveCollector);
    return true;
  }();
  (void)done;
}

// Before main, where there is one thread; a constructor that allocates may come even earlier.
const bool initialised_before_main = (InitThreadHeaps(), true);

// A heap that an ended thread has left, or null.
ThreadHeap* AdoptHeap() {
  const AllocLock lock;
  for (ThreadHeap* heap = heaps.load(); heap != nullptr; heap = heap->next) {
    if (!std::exchange(heap->owned, true)) return heap;
  }
  return nullptr;
}

ThreadHeap* NewHeap() {
  auto* heap = new (AllocateOwn(sizeof(ThreadHeap))) ThreadHeap;
  const AllocLock lock;
  heap->next = heaps.load();
  heaps.store(heap);
  return heap;
}

// The calling thread's heap, had from elsewhere when it has none yet.
ThreadHeap& Attach() {
  if (thread_heap != &no_heap) return *thread_heap;
  InitThreadHeaps();
  RequireRegisteredThread();
  OpenCollectorSignals();
  ThreadHeap* heap = AdoptHeap();
  if (heap == nullptr) heap = NewHeap();
  const AllocCounters of_others = Sum(*heap);
  elsewhere.allocs -= of_others.allocs;
  elsewhere.bytes -= of_others.bytes;
  KnowThreadStack();
  thread_heap = heap;
  return *heap;
}

void Detach() {
  if (thread_heap == &no_heap) return;
  ThreadHeap& heap = *std::exchange(thread_heap, &no_heap);
  const AllocCounters sum = Sum(heap);
  elsewhere.allocs += sum.allocs;
  elsewhere.bytes += sum.bytes;
  const AllocLock lock;
  GiveBackRootSlots(heap);
  Disown(heap);
}

// Fills the empty list with objects of exactly `bytes` and returns what they add up to.
uint64_t Refill(FreeList& list, size_t bytes, Kind kind) {
  GC_generic_malloc_many(bytes, BdwgcKind(kind), &list.head);
  // Where no block is left bdwgc (mallocx.c) falls back on a single object of the next larger size, and on none if it has
  // no block for that either.
  while (list.head == nullptr ||
         (*static_cast<void**>(list.head) == nullptr && GC_size(list.head) != bytes)) {
    if (list.head != nullptr) GC_free(std::exchange(list.head, nullptr));
    const size_t growth = std::max<size_t>(kLeastGrowth, GC_get_heap_size() / kGrowthDivisor);
    if (GC_expand_hp(growth) == 0) (*GC_get_oom_fn())(growth);
    GC_generic_malloc_many(bytes, BdwgcKind(kind), &list.head);
  }
  const uint64_t n = Length(list.head);
  Add(list.refilled, n);
  return n * bytes;
}

// Moves a part of a list. The world may be stopped between the two stores: then the part is on both
// sides, never on none.
void Move(void*& from, void*& to) {
  to = from;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  from = nullptr;
}

// Where the next sample falls, as far as the thread's own sampler knows.
NextSample AskForNext(void* object = nullptr, size_t bytes = 0, int64_t interval = 0) {
  return sample_hook.load(std::memory_order_acquire)(object, bytes, interval);
}

void SetNext(ThreadHeap& heap, NextSample next) {
  heap.sample_gap = next.gap;
  heap.sample_interval = next.interval;
}

// Ends the list before the object that the sample falls on, if it is that long. Precondition: its rest is empty.
void CutAtSample(ThreadHeap& heap, size_t granules, Kind kind, NextSample next) {
  FreeList& list = heap.lists[kind][granules];
  heap.rest_intervals[kind][granules] = next.interval;
  void** link = &list.head;
  for (uint64_t n = next.gap == 0 ? 0 : (next.gap - 1) / (granules * kGranule);
       n > 0 && *link != nullptr; --n) {
    link = static_cast<void**>(*link);
  }
  Move(*link, list.rest);
}

// Whether a sample falls on the next `bytes` of this thread's; where not, counts them.
bool SampleFallsOn(ThreadHeap& heap, uint64_t bytes) {
  if (sample_hook.load(std::memory_order_acquire) == nullptr) return false;
  if (const uint64_t epoch = sample_epoch.load(std::memory_order_acquire);
      heap.sample_epoch != epoch) {
    heap.sample_epoch = epoch;
    SetNext(heap, AskForNext());
  }
  if (heap.sample_gap <= bytes) return true;
  heap.sample_gap -= bytes;
  return false;
}

// Takes the first object of the list's rest, which the sample falls on.
void* AllocateSampled(ThreadHeap& heap, size_t granules, Kind kind) {
  FreeList& list = heap.lists[kind][granules];
  Move(list.rest, list.head);
  void* const object = AllocateSmall(granules, kind);
  CutAtSample(heap, granules, kind,
              AskForNext(object, granules * kGranule, heap.rest_intervals[kind][granules]));
  return object;
}

// Runs `allocate` between the pacer's check and its accounting; in incremental mode bdwgc marks a
// little in each call, which holds up this thread.
template <class Allocate>
void Paced(ThreadHeap& heap, uint64_t upcoming, Allocate allocate) {
  heap.stack_bytes.store(StackInUse(__builtin_frame_address(0)), std::memory_order_relaxed);
  CollectIfDue(upcoming);
  if (MarkingInSteps()) {
    const uint64_t began = MonotonicNanos();
    AccountAllocation(allocate());
    NoteMarkStep(MonotonicNanos() - began);
  } else {
    AccountAllocation(allocate());
  }
}

}  // namespace

constinit thread_local ThreadHeap* thread_heap = &no_heap;

bool HasThreadHeap() { return thread_heap != &no_heap; }

void* AllocateSmallSlow(size_t granules, Kind kind) {
  ThreadHeap& heap = Attach();
  FreeList& list = heap.lists[kind][granules];
  const size_t bytes = granules * kGranule;
  if (list.head == nullptr && list.rest == nullptr) {
    Paced(heap, kBlock, [&] {
      const uint64_t filled = Refill(list, bytes, kind);
      if (SampleFallsOn(heap, filled)) {
        CutAtSample(heap, granules, kind, {heap.sample_gap, heap.sample_interval});
        SetNext(heap, AskForNext());
      }
      return filled;
    });
  }
  if (list.head == nullptr) return AllocateSampled(heap, granules, kind);
  return AllocateSmall(granules, kind);
}

void* AllocateLarge(size_t bytes, Kind kind) {
  ThreadHeap& heap = Attach();
  const size_t rounded = RoundUp(bytes);
  void* object;
  Paced(heap, rounded, [&] {
    // bdwgc adds a byte of its own before it rounds up, so that a pointer past the end retains too.
    object = GC_generic_malloc(bytes - 1, BdwgcKind(kind));
    return rounded;
  });
  Add(heap.large_allocs, 1);
  Add(heap.large_bytes, rounded);
  if (SampleFallsOn(heap, rounded)) {
    SetNext(heap, AskForNext(object, rounded, heap.sample_interval));
  }
  return object;
}

void* AllocateAligned(size_t alignment, size_t bytes, Kind kind) {
  // More than a block's alignment bdwgc cannot give: any address of the object retains it.
  if (alignment > kBlock)
    return AlignedIn(AllocateExact(bytes + alignment - kGranule, kind), alignment);
  // Objects lie in a block without a gap, from its beginning: their addresses are multiples of whatever their size is
  // one of. A large object begins with a block.
  const size_t rounded = (bytes + alignment - 1) & ~(alignment - 1);
  if (rounded > kMaxSmall) return AllocateLarge(rounded, kind);
  return AllocateSmall(rounded / kGranule, kind);
}

std::array<uint64_t, kMaxSmallGranules + 1> AllocsBySize() {
  std::array<uint64_t, kMaxSmallGranules + 1> counts{};
  for (const ThreadHeap* heap = heaps.load(); heap != nullptr; heap = heap->next) {
    counts[0] += Load(heap->large_allocs);
    for (const auto& lists : heap->lists) {
      for (size_t granules = 1; granules <= kMaxSmallGranules; ++granules) {
        counts[granules] += Load(lists[granules].allocated);
      }
    }
  }
  return counts;
}

AllocCounters TotalFrees() { return {Load(freed_objects), Load(freed_bytes)}; }

bool IsPointerFree(const void* object) {
  const int kind = GC_get_kind_and_size(object, nullptr);
  return kind == GC_I_PTRFREE || kind == BdwgcKind(kPointerFree);
}

void* AllocateOwn(size_t bytes) { return GC_malloc_uncollectable(bytes); }

void FreeOwn(void* memory) { GC_free(memory); }

void RequireRegisteredThread() {
  if (GC_thread_is_registered() != 0) return;
  Fatal(
      "heapwise: this thread uses the garbage-collected heap but is not registered with the "
      "collector.\n"
      "Put `heapwise::runtime::ThreadScope scope;` first in the function that the thread runs.\n");
}

void SetSampleHook(SampleHook hook) {
  sample_hook.store(hook, std::memory_order_release);
  sample_epoch.fetch_add(1, std::memory_order_release);
}

void RestartSampling() {
  sample_epoch.fetch_add(1, std::memory_order_release);
  if (thread_heap == &no_heap || sample_hook.load(std::memory_order_acquire) == nullptr) return;
  for (const Kind kind : {kPointerFree, kNormal}) {
    for (size_t granules = 1; granules <= kMaxSmallGranules; ++granules) {
      FreeList& list = thread_heap->lists[kind][granules];
      void** end = &list.head;
      while (*end != nullptr) end = static_cast<void**>(*end);
      Move(list.rest, *end);
      if (list.head != nullptr) CutAtSample(*thread_heap, granules, kind, AskForNext());
    }
  }
}

void LeaveCollector() {
  detach_callbacks.Run();
  Detach();
  GC_unregister_my_thread();
}

void AtThreadDetach(void (*callback)()) { detach_callbacks.Add(callback); }

}  // namespace internal

ThreadScope::ThreadScope() {
  internal::InitCollector();
  internal::OpenCollectorSignals();
  GC_stack_base base;
  GC_get_stack_base(&base);
  registered_here_ = GC_register_my_thread(&base) == GC_SUCCESS;
  if (registered_here_) internal::KnowThreadStack();
}

ThreadScope::~ThreadScope() {
  if (registered_here_) internal::LeaveCollector();
}

AllocCounters ThreadAllocs() {
  const AllocCounters here = internal::Sum(*internal::thread_heap);
  const AllocCounters& elsewhere = internal::elsewhere;
  return {here.allocs + elsewhere.allocs, here.bytes + elsewhere.bytes};
}

AllocCounters TotalAllocs() {
  AllocCounters sum;
  for (const internal::ThreadHeap* heap = internal::heaps.load(); heap != nullptr;
       heap = heap->next) {
    const AllocCounters of_heap = internal::Sum(*heap);
    sum.allocs += of_heap.allocs;
    sum.bytes += of_heap.bytes;
  }
  return sum;
}

}  // namespace heapwise::runtime
