#include "heapwise/gc/heap_memory.h"

#include <sys/mman.h>

#include <atomic>
#include <cstdint>

#include "heapwise/base/bdwgc.h"

// Both are known to who is linked with bdwgc's archive. In a shared library, which is linked with the shared one, the
// heap has its memory as bdwgc gets it for itself.
extern "C" {
[[gnu::weak]] void* __real_GC_unix_get_mem(size_t bytes);  // bdwgc's own
[[gnu::weak]] extern int GC_unmap_threshold;  // bdwgc's gc_priv.h: collections; 0 is never
}

namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

constexpr size_t Whole(size_t bytes) { return (bytes + kHugePage - 1) & ~(kHugePage - 1); }

// An address that the collector, to which every word of static data is a pointer, does not take for one: where one
// region ends another may begin, with an object that would live on for ever.
class HiddenAddress {
 public:
  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is the point
  char* get() const { return reinterpret_cast<char*>(~hidden_); }
  void set(char* address) { hidden_ = ~reinterpret_cast<uintptr_t>(address); }

 private:
  uintptr_t hidden_ = ~uintptr_t{0};
};

// The part of the newest region that is not given out yet. Guarded by bdwgc's lock.
HiddenAddress next;
HiddenAddress end;

std::atomic<bool> use_small_pages{false};

// Makes the newest region longer by `bytes` at least. False: something else lies behind it.
bool Extend(size_t bytes) {
  if (end.get() == nullptr) return false;
  void* const more = mmap(end.get(), Whole(bytes), PROT_READ | PROT_WRITE,
                          kAnonymous | MAP_FIXED_NOREPLACE, -1, 0);
  if (more == MAP_FAILED) return false;
  madvise(more, Whole(bytes), MADV_HUGEPAGE);
  end.set(end.get() + Whole(bytes));
  return true;
}

// Begins a region of `bytes` at least, where a huge page may begin; what is left of the one before stays untouched.
// False: no memory.
bool Begin(size_t bytes) {
  const size_t room = Whole(bytes) + kHugePage;
  void* const mapped = mmap(nullptr, room, PROT_READ | PROT_WRITE, kAnonymous, -1, 0);
  if (mapped == MAP_FAILED) return false;
  const uintptr_t from = reinterpret_cast<uintptr_t>(mapped);
  const size_t before = Whole(from) - from;
  char* const region = static_cast<char*>(mapped) + before;
  if (before > 0) munmap(mapped, before);
  munmap(region + Whole(bytes), kHugePage - before);
  madvise(region, Whole(bytes), MADV_HUGEPAGE);
  next.set(region);
  end.set(region + Whole(bytes));
  return true;
}

}  // namespace

namespace heapwise::runtime::internal {

void UseSmallPages() { use_small_pages = true; }

void KeepFreeMemory() {
  const AllocLock lock;
  if (&GC_unmap_threshold != nullptr) GC_unmap_threshold = 0;
}

}  // namespace heapwise::runtime::internal

extern "C" void* __wrap_GC_unix_get_mem(size_t bytes) {
  if (use_small_pages) return __real_GC_unix_get_mem(bytes);
  if (bytes > PTRDIFF_MAX - 2 * kHugePage) return nullptr;
  const size_t left = static_cast<size_t>(end.get() - next.get());
  if (left < bytes && !Extend(bytes - left) && !Begin(bytes)) {
    // Under a limit (RLIMIT_AS, RLIMIT_DATA) there may be room for the piece and for no region.
    return __real_GC_unix_get_mem(bytes);
  }
  char* const memory = next.get();
  next.set(memory + bytes);
  return memory;
}
