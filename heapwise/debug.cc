#include "heapwise/debug.h"

#include "heapwise/gc/collector.h"
#include "heapwise/gc/heap_memory.h"
#include "heapwise/gc/settings.h"
#include "heapwise/thread_heap.h"

namespace heapwise::debug {

int SetGCPercent(int percent) {
  runtime::internal::InitCollector();
  return runtime::internal::ExchangeGcPercent(percent);
}

int64_t SetMemoryLimit(int64_t limit) {
  runtime::internal::InitCollector();
  return runtime::internal::ExchangeMemoryLimit(limit);
}

void DisableHugePages() {
  runtime::internal::InitCollector();
  runtime::internal::UseSmallPages();
}

void FreeOSMemory() {
  runtime::internal::InitCollector();
  runtime::internal::RequireRegisteredThread();
  runtime::internal::RequireOwnStack();
  runtime::internal::ReleaseFreeMemory();
}

}  // namespace heapwise::debug
