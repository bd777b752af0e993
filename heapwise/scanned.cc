#include "heapwise/scanned.h"

#include <cstdint>

#include "heapwise/base/bdwgc.h"
#include "heapwise/gc/collector.h"
#include "heapwise/thread_heap.h"

namespace heapwise::runtime {

void* AllocateScanned(size_t bytes, size_t alignment) {
  if (!internal::HasThreadHeap()) {
    internal::InitCollector();
    internal::RequireRegisteredThread();
  }
  if (alignment <= internal::kGranule) return internal::AllocateOwn(bytes);
  auto* const memory = static_cast<char*>(internal::AllocateOwn(bytes + alignment - 1));
  return memory + (-reinterpret_cast<uintptr_t>(memory) & (alignment - 1));
}

void FreeScanned(void* memory) {
  if (memory != nullptr) internal::FreeOwn(GC_base(memory));
}

}  // namespace heapwise::runtime
