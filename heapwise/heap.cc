#include "heapwise/heap.h"

#include <new>

#include "heapwise/finalizer_thread.h"
#include "heapwise/gc/collector.h"

namespace heapwise::runtime {

void internal::ThrowBadArrayLength() { throw std::bad_array_new_length(); }

void Init() { internal::InitCollector(); }

void GC() {
  internal::InitCollector();
  internal::RequireRegisteredThread();
  internal::ForceCollection();
  internal::LetFinalizersBegin();
}

}  // namespace heapwise::runtime
