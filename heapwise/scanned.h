#ifndef HEAPWISE_SCANNED_H_
#define HEAPWISE_SCANNED_H_

#include <cstddef>
#include <limits>
#include <new>
#include <type_traits>

#include "heapwise/heap.h"

// Memory like malloc's, that its user frees, but that the collector scans: pointers in it retain their objects, whatever
// it holds and wherever the pointer to it is kept. For what must live outside of the collected heap and points into it:
// frames of coroutines, shared state of futures, nodes of containers that live in memory of operator new.
namespace heapwise::runtime {

// At least `bytes` of zeros at a multiple of `alignment`, a power of two. Running out of memory is fatal, as in New. The
// calling thread is registered (ThreadScope). Not counted as an object of the heap (MemStats: it is in HeapInuse), and
// no reason for a collection; some 0.1 us, as it takes bdwgc's lock.
void* AllocateScanned(size_t bytes, size_t alignment = alignof(std::max_align_t));

// Gives it back; null is ignored. Any thread.
void FreeScanned(void* memory);

// A base class of what `new` is to make in such memory, the promise of a coroutine above all, whose frame then is there:
//
//   struct promise_type : heapwise::runtime::Scanned { ... };
//
// To construct one in memory that is there already, write ::new (place): a placement new in here would be called with the
// parameters of a coroutine, for its frame.
struct Scanned {
  static void* operator new(size_t bytes) { return AllocateScanned(bytes); }
  static void* operator new[](size_t bytes) { return AllocateScanned(bytes); }
  static void* operator new(size_t bytes, std::align_val_t alignment) {
    return AllocateScanned(bytes, static_cast<size_t>(alignment));
  }
  static void* operator new[](size_t bytes, std::align_val_t alignment) {
    return AllocateScanned(bytes, static_cast<size_t>(alignment));
  }
  static void operator delete(void* memory) { FreeScanned(memory); }
  static void operator delete[](void* memory) { FreeScanned(memory); }
  static void operator delete(void* memory, std::align_val_t) { FreeScanned(memory); }
  static void operator delete[](void* memory, std::align_val_t) { FreeScanned(memory); }
};

// An allocator over it, where Allocator (heap.h) is over the collected heap: elements retain what they point to also
// where the container itself lives in memory of operator new. For std::allocate_shared and std::promise as well:
//
//   auto page = std::allocate_shared<Holder>(ScannedAllocator<Holder>(), ...);
//   std::promise<Node*> promise(std::allocator_arg, ScannedAllocator<Node*>());
template <class T>
class ScannedAllocator {
 public:
  using value_type = T;
  using is_always_equal = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;

  ScannedAllocator() = default;
  template <class U>
  ScannedAllocator(const ScannedAllocator<U>&) {}  // NOLINT: containers convert between them

  T* allocate(size_t n) {
    if (n > std::numeric_limits<size_t>::max() / 2 / sizeof(T)) internal::ThrowBadArrayLength();
    return static_cast<T*>(AllocateScanned(n * sizeof(T), alignof(T)));
  }
  void deallocate(T* memory, size_t) { FreeScanned(memory); }

  template <class U>
  bool operator==(const ScannedAllocator<U>&) const {
    return true;
  }
};

}  // namespace heapwise::runtime

#endif  // HEAPWISE_SCANNED_H_
