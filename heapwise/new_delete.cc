#include "heapwise/new_delete.h"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace heapwise::runtime {
namespace internal {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

struct ThreadState {
  NewCounters counters;
  uint64_t sample_at = kNever;  // the value of counters.bytes at which the next sample falls
  uint64_t epoch = 0;           // the RestartNewSampling that sample_at belongs to
  int64_t interval = 0;         // the NextSample that sample_at comes from
};

// constinit: a thread's first operator new must not run a constructor, which could allocate in
// turn.
constinit thread_local ThreadState state;

constinit std::atomic<uint64_t> epoch{0};  // raised by SetNewHooks and RestartNewSampling
constinit std::atomic<SampleHook> sampled_hook{nullptr};
constinit std::atomic<void (*)(void*)> freed_hook{nullptr};

// How many watched addresses share a place, up to kStuck, from where it never falls again.
// Addresses that lie close together share a cache line.
using Filter = std::atomic<uint8_t>;
constexpr size_t kPlaces = size_t{1} << 16;
constexpr uint8_t kStuck = 255;
constinit std::atomic<Filter*> filter{nullptr};  // in malloc's memory: the collector scans globals

size_t PlaceOf(const void* memory) {
  return reinterpret_cast<uintptr_t>(memory) / alignof(std::max_align_t) % kPlaces;
}

// Changes the count of a place by `step`, unless it is stuck.
void Adjust(void* memory, int step) {
  Filter& place = filter.load(std::memory_order_acquire)[PlaceOf(memory)];
  uint8_t seen = place.load(std::memory_order_relaxed);
  while (seen != kStuck && !place.compare_exchange_weak(seen, static_cast<uint8_t>(seen + step),
                                                        std::memory_order_relaxed)) {
  }
}

// The C++ standard's loop for operator new ([new.delete.single]): try, ask the new handler for
// room, try again.
template <class Allocate>
void* AllocateOrThrow(Allocate allocate) {
  for (;;) {
    if (void* memory = allocate()) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

// Counts the bytes of one allocation; whether it may be one that a sample falls on.
bool Count(size_t bytes) {
  ThreadState& mine = state;
  ++mine.counters.allocs;
  mine.counters.bytes += bytes;
  return mine.counters.bytes >= mine.sample_at ||
         mine.epoch != epoch.load(std::memory_order_relaxed);
}

// Out of line, so that the ordinary way ends in a jump to malloc.
template <class Allocate>
[[gnu::noinline]] void* AllocateAndSample(size_t bytes, Allocate allocate) {
  void* const memory = AllocateOrThrow(allocate);
  ThreadState& mine = state;
  const uint64_t now = epoch.load(std::memory_order_acquire);
  const auto hook = sampled_hook.load(std::memory_order_relaxed);
  const auto set_next = [&mine](uint64_t from, NextSample next) {
    mine.sample_at = next.gap < kNever - from ? from + next.gap : kNever;
    mine.interval = next.interval;
  };
  if (mine.epoch != now) {
    mine.epoch = now;
    set_next(mine.counters.bytes - bytes, hook(nullptr, 0, 0));
    if (mine.counters.bytes < mine.sample_at) return memory;
  }
  set_next(mine.counters.bytes, hook(memory, bytes, mine.interval));
  return memory;
}

template <class Allocate>
inline void* CountedNew(size_t bytes, Allocate allocate) {
  if (Count(bytes)) [[unlikely]] {
    return AllocateAndSample(bytes, allocate);
  }
  return AllocateOrThrow(allocate);
}

inline void WatchedDelete(void* memory) {
  const Filter* const watched = filter.load(std::memory_order_relaxed);
  if (watched != nullptr && watched[PlaceOf(memory)].load(std::memory_order_relaxed) != 0)
      [[unlikely]] {
    freed_hook.load(std::memory_order_relaxed)(memory);
  }
  std::free(memory);
}

void* New(size_t bytes) {
  return CountedNew(bytes, [bytes] { return std::malloc(bytes == 0 ? 1 : bytes); });
}

void* New(size_t bytes, std::align_val_t alignment) {
  const auto align = static_cast<size_t>(alignment);
  // aligned_alloc wants a multiple of the alignment.
  const size_t rounded = bytes == 0 ? align : (bytes + align - 1) / align * align;
  return CountedNew(bytes, [align, rounded] { return std::aligned_alloc(align, rounded); });
}

template <class... Alignment>
void* NewOrNull(size_t bytes, Alignment... alignment) {
  try {
    return New(bytes, alignment...);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

void SetNewHooks(SampleHook sampled, void (*freed)(void* memory)) {
  auto* const places = static_cast<Filter*>(std::calloc(kPlaces, sizeof(Filter)));
  if (places == nullptr) return;
  sampled_hook.store(sampled);
  freed_hook.store(freed);
  filter.store(places);
  epoch.fetch_add(1);
}

void RestartNewSampling() {
  if (sampled_hook.load() != nullptr) epoch.fetch_add(1);
}

void WatchDelete(void* memory) { Adjust(memory, 1); }
void UnwatchDelete(void* memory) { Adjust(memory, -1); }

}  // namespace internal

NewCounters ThreadNews() { return internal::state.counters; }

}  // namespace heapwise::runtime

// Each form by itself: those that are not replaced need not call those that are, as
// AddressSanitizer's do not.
namespace hw = heapwise::runtime::internal;
using std::align_val_t;
using std::nothrow_t;
using std::size_t;

void* operator new(size_t n) { return hw::New(n); }
void* operator new[](size_t n) { return hw::New(n); }
void* operator new(size_t n, align_val_t a) { return hw::New(n, a); }
void* operator new[](size_t n, align_val_t a) { return hw::New(n, a); }
void* operator new(size_t n, const nothrow_t&) noexcept { return hw::NewOrNull(n); }
void* operator new[](size_t n, const nothrow_t&) noexcept { return hw::NewOrNull(n); }
void* operator new(size_t n, align_val_t a, const nothrow_t&) noexcept {
  return hw::NewOrNull(n, a);
}
void* operator new[](size_t n, align_val_t a, const nothrow_t&) noexcept {
  return hw::NewOrNull(n, a);
}

void operator delete(void* p) noexcept { hw::WatchedDelete(p); }
void operator delete[](void* p) noexcept { hw::WatchedDelete(p); }
void operator delete(void* p, size_t) noexcept { hw::WatchedDelete(p); }
void operator delete[](void* p, size_t) noexcept { hw::WatchedDelete(p); }
void operator delete(void* p, align_val_t) noexcept { hw::WatchedDelete(p); }
void operator delete[](void* p, align_val_t) noexcept { hw::WatchedDelete(p); }
void operator delete(void* p, size_t, align_val_t) noexcept { hw::WatchedDelete(p); }
void operator delete[](void* p, size_t, align_val_t) noexcept { hw::WatchedDelete(p); }
void operator delete(void* p, const nothrow_t&) noexcept { hw::WatchedDelete(p); }
void operator delete[](void* p, const nothrow_t&) noexcept { hw::WatchedDelete(p); }
void operator delete(void* p, align_val_t, const nothrow_t&) noexcept { hw::WatchedDelete(p); }
void operator delete[](void* p, align_val_t, const nothrow_t&) noexcept { hw::WatchedDelete(p); }
