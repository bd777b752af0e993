#include "benchmarks/harness/alloc_counter.h"

#include "heapwise/heap.h"
#include "heapwise/new_delete.h"

namespace heapwise::bench {

Allocations ThreadAllocations() {
  const runtime::NewCounters news = runtime::ThreadNews();
  const runtime::AllocCounters gc = runtime::ThreadAllocs();
  return {news.allocs, news.bytes, gc.allocs, gc.bytes};
}

}  // namespace heapwise::bench
