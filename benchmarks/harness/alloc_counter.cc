#include "benchmarks/harness/alloc_counter.h"

#include <cstdlib>
#include <new>

#include "runtime/heap.h"

namespace {

struct NewCounters {
  uint64_t allocs;
  uint64_t bytes;
};

// constinit: a thread's first operator new must not run a constructor, which could allocate in turn.
constinit thread_local NewCounters counters = {0, 0};

void Count(std::size_t bytes) {
  ++counters.allocs;
  counters.bytes += bytes;
}

// The C++ standard's loop for operator new ([new.delete.single]): try, ask the new handler for room, try again.
template <class Allocate>
void* AllocateOrThrow(Allocate allocate) {
  for (;;) {
    if (void* p = allocate()) return p;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void* CountedNew(std::size_t bytes) {
  Count(bytes);
  return AllocateOrThrow([bytes] { return std::malloc(bytes == 0 ? 1 : bytes); });
}

void* CountedNew(std::size_t bytes, std::align_val_t alignment) {
  Count(bytes);
  const auto align = static_cast<std::size_t>(alignment);
  // aligned_alloc wants a multiple of the alignment.
  const std::size_t rounded = bytes == 0 ? align : (bytes + align - 1) / align * align;
  return AllocateOrThrow([align, rounded] { return std::aligned_alloc(align, rounded); });
}

}  // namespace

// The array and nothrow forms of the standard library call these two; so do its sized deletes.
void* operator new(std::size_t bytes) { return CountedNew(bytes); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return CountedNew(bytes, alignment);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace heapwise::bench {

Allocations ThreadAllocations() {
  const runtime::AllocCounters gc = runtime::ThreadAllocs();
  return {counters.allocs, counters.bytes, gc.allocs, gc.bytes};
}

}  // namespace heapwise::bench
