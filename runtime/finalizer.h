#ifndef HEAPWISE_RUNTIME_FINALIZER_H_
#define HEAPWISE_RUNTIME_FINALIZER_H_

namespace heapwise::runtime {

namespace internal {
void RegisterFinalizer(void* object, void (*run)(void* object, void* finalizer), void* finalizer);
}

// Has finalizer(object) called once, some time after nothing leads to the object any more (Go:
// runtime.SetFinalizer, mfinal.go:341). It runs in a thread that collects, after the collection and
// without any lock of this library; it may allocate and may make the object reachable again. A
// later collection frees the memory. A null finalizer takes back an earlier one. Precondition:
// object is what New returned.
template <class T>
void SetFinalizer(T* object, void (*finalizer)(T*)) {
  if (finalizer == nullptr) {
    internal::RegisterFinalizer(object, nullptr, nullptr);
    return;
  }
  internal::RegisterFinalizer(
      object,
      [](void* dead, void* run) { reinterpret_cast<void (*)(T*)>(run)(static_cast<T*>(dead)); },
      reinterpret_cast<void*>(finalizer));
}

}  // namespace heapwise::runtime

#endif  // HEAPWISE_RUNTIME_FINALIZER_H_
