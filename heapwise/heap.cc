#include "heapwise/heap.h"

#include "heapwise/finalizer_thread.h"
#include "heapwise/gc/collector.h"

namespace heapwise::runtime {

void Init() { internal::InitCollector(); }

void GC() {
  internal::InitCollector();
  internal::RequireRegisteredThread();
  internal::RequireOwnStack();
  internal::ForceCollection();
  internal::LetFinalizersBegin();
}

}  // namespace heapwise::runtime
