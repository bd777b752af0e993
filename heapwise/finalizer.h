#ifndef HEAPWISE_FINALIZER_H_
#define HEAPWISE_FINALIZER_H_

#include <cstddef>
#include <type_traits>

#include "heapwise/thread_heap.h"

namespace heapwise::runtime {

namespace internal {
// `run` is called with what bdwgc knows the object by; see AlignedIn.
void RegisterFinalizer(void* object, size_t alignment, void (*run)(void* base, void* finalizer),
                       void* finalizer);
}  // namespace internal

// Has finalizer(object) called once, some time after nothing leads to the object any more (Go: runtime.SetFinalizer,
// mfinal.go:432). A null finalizer takes back an earlier one; otherwise there must be none (the finalizer of an object that
// is being finalized is none any more). The object is what New returned. What Go has a fatal error for is one: a second
// finalizer, a null object, a pointer into the middle or to other memory; a message, and exit status 2.
//
// All finalizers and cleanups (cleanup.h) run in one thread of the library's own, one after the other, with no lock of
// the library held: they may take locks that the program holds while it allocates, may allocate and collect, and see
// whatever the program shares with them from another thread. One that waits holds up the others. An exception that leaves
// one ends the program: a message, and std::terminate. In the child of a fork the thread starts again with the first
// collection; what it was running at the time of the fork is not run there. None is sure to run: when main returns, none
// begins any more, and one that is running has a second to come to its end.
//
// The finalizer may make the object reachable again; otherwise a later collection frees the memory. What the object leads
// to is whole when it runs: where that has a finalizer too, its turn comes after the outer object is freed. So objects that
// lead to each other in a circle are never freed if one of them has a finalizer; an object that leads to itself is. A
// cleanup has no such limits.
template <class T>
void SetFinalizer(T* object, std::type_identity_t<void (*)(T*)> finalizer) {
  if (finalizer == nullptr) {
    internal::RegisterFinalizer(object, alignof(T), nullptr, nullptr);
    return;
  }
  internal::RegisterFinalizer(
      object, alignof(T),
      [](void* dead, void* run) {
        reinterpret_cast<void (*)(T*)>(run)(static_cast<T*>(internal::AlignedIn(dead, alignof(T))));
      },
      reinterpret_cast<void*>(finalizer));
}

}  // namespace heapwise::runtime

#endif  // HEAPWISE_FINALIZER_H_
