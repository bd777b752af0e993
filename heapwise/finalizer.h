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

// Has finalizer(object) called once, some time after nothing leads to the object any more (Go:
// runtime.SetFinalizer, mfinal.go:341). It runs in a thread that collects, after the collection and
// without any lock of this library; it may allocate and may make the object reachable again. A
// later collection frees the memory. A null finalizer takes back an earlier one. The object is what
// New returned: null, a pointer into the middle and one to other memory are fatal, as in Go: a message,
// and exit status 2.
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
