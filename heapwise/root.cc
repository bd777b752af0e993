#include "heapwise/root.h"

#include <utility>

#include "heapwise/base/bdwgc.h"
#include "heapwise/gc/collector.h"
#include "heapwise/thread_heap.h"

// Slots are words in blocks of the library's own memory, which the collector scans and never frees. One that is free holds
// the address of the next free one, or null: pointers to such blocks retain nothing. A thread has some free ones at hand,
// so that it takes and gives without a lock. A thread that the collector does not stop has none: with the lock held it
// writes while nothing is marked. In the child of a fork, what other threads had at hand is lost.
namespace heapwise::runtime::internal {
namespace {

// bdwgc adds a byte before it rounds up to whole blocks.
constexpr size_t kSlotsInBlock = (kBlock - kGranule) / sizeof(void*);
// That a thread takes at a time, and gives back when it has twice as many.
constexpr size_t kBatch = 64;

constinit void** free_slots = nullptr;  // guarded by bdwgc's lock

void Push(void**& list, void** slot) {
  *slot = list;
  list = slot;
}

void** Pop(void**& list) { return std::exchange(list, static_cast<void**>(*list)); }

// Without the lock: an allocation takes it.
void MakeBlock() {
  const ThreadScope scope;
  auto** const block = static_cast<void**>(AllocateOwn(kSlotsInBlock * sizeof(void*)));
  const AllocLock lock;
  for (size_t i = 0; i < kSlotsInBlock; ++i) Push(free_slots, block + i);
}

// With a slot of those that no thread has at hand; `use` is called with the lock held.
template <class Use>
void WithFreeSlot(Use use) {
  while (true) {
    {
      const AllocLock lock;
      if (free_slots != nullptr) {
        use(Pop(free_slots));
        return;
      }
    }
    MakeBlock();
  }
}

}  // namespace

void** TakeRootSlot(void* object) {
  ThreadHeap& heap = *thread_heap;
  if (heap.free_roots == nullptr) [[unlikely]] {
    void** taken = nullptr;
    InitCollector();
    WithFreeSlot([&](void** slot) {
      if (HasThreadHeap()) {
        for (size_t i = 1; i < kBatch && free_slots != nullptr; ++i) {
          Push(heap.free_roots, Pop(free_slots));
          ++heap.free_root_count;
        }
      }
      *slot = object;
      taken = slot;
    });
    return taken;
  }
  --heap.free_root_count;
  void** const slot = Pop(heap.free_roots);
  *slot = object;
  return slot;
}

void GiveRootSlot(void** slot) {
  ThreadHeap& heap = *thread_heap;
  if (!HasThreadHeap()) [[unlikely]] {
    const AllocLock lock;
    Push(free_slots, slot);
    return;
  }
  Push(heap.free_roots, slot);
  if (++heap.free_root_count < 2 * kBatch) [[likely]] {
    return;
  }
  const AllocLock lock;
  for (; heap.free_root_count > kBatch; --heap.free_root_count) {
    Push(free_slots, Pop(heap.free_roots));
  }
}

void GiveBackRootSlots(ThreadHeap& heap) {
  while (heap.free_roots != nullptr) Push(free_slots, Pop(heap.free_roots));
}

}  // namespace heapwise::runtime::internal
