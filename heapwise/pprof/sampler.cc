#include "heapwise/pprof/sampler.h"

#include <pthread.h>
#include <unwind.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <limits>
#include <mutex>
#include <new>
#include <utility>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/gc/collector.h"
#include "heapwise/new_delete.h"
#include "heapwise/thread_heap.h"

namespace heapwise::pprof::internal {
namespace {

// Threads and locks. `mutex` guards the tables. A thread that holds it calls nothing of bdwgc's, so
// that the collector may take it, inside its own lock and with the world running. With the world
// stopped nobody may wait for it: its holder may be among the stopped.
constinit std::mutex mutex;
constinit std::atomic<int64_t> mem_profile_rate{kDefaultRate};
// Raised while the world is stopped; which stop an event came before decides when it is published.
constinit std::atomic<uint64_t> stops{0};
constinit GC_on_collection_event_proc event_before = nullptr;

constinit thread_local bool busy = false;  // this thread's allocations are not sampled
constinit thread_local uint64_t random_state = 0;

struct Counts {
  uint64_t allocs = 0;
  uint64_t frees = 0;

  Counts& operator+=(const Counts& other) {
    allocs += other.allocs;
    frees += other.frees;
    return *this;
  }
};

// One stack and size. The addresses of the stack follow it in memory.
struct Bucket {
  Bucket* next_in_slot;
  Bucket* next;  // of all
  uint64_t hash;
  size_t bytes;
  size_t depth;
  Counts published;
  Counts waiting;  // from before some stop, not yet published
  Counts current;  // from after stop number current_stop
  uint64_t current_stop;

  uintptr_t* stack() { return reinterpret_cast<uintptr_t*>(this + 1); }

  Counts& Now() {
    if (const uint64_t stop = stops.load(std::memory_order_relaxed); stop != current_stop) {
      waiting += std::exchange(current, Counts{});
      current_stop = stop;
    }
    return current;
  }

  void Publish(uint64_t before_stop) {
    published += std::exchange(waiting, Counts{});
    if (current_stop < before_stop) published += std::exchange(current, Counts{});
  }
};

constexpr size_t kSlots = size_t{1} << 14;
constinit Bucket** slots = nullptr;
constinit Bucket* buckets = nullptr;
constinit size_t bucket_count = 0;

uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Null where memory is exhausted.
Bucket* FindBucket(const uintptr_t* stack, size_t depth, size_t bytes) {
  uint64_t hash = Mix(bytes);
  for (size_t i = 0; i < depth; ++i) hash = Mix(hash + stack[i]);
  Bucket*& slot = slots[hash % kSlots];
  for (Bucket* bucket = slot; bucket != nullptr; bucket = bucket->next_in_slot) {
    if (bucket->hash == hash && bucket->bytes == bytes && bucket->depth == depth &&
        std::equal(stack, stack + depth, bucket->stack())) {
      return bucket;
    }
  }
  void* const memory = std::calloc(1, sizeof(Bucket) + depth * sizeof(uintptr_t));
  if (memory == nullptr) return nullptr;
  auto* const bucket = new (memory) Bucket{.next_in_slot = slot,
                                           .next = buckets,
                                           .hash = hash,
                                           .bytes = bytes,
                                           .depth = depth,
                                           .published = {},
                                           .waiting = {},
                                           .current = {},
                                           .current_stop = 0};
  std::copy(stack, stack + depth, bucket->stack());
  slot = buckets = bucket;
  ++bucket_count;
  return bucket;
}

// The sampled memory of operator new that is in use, by address: open addressing, linear probing.
class NewTable {
 public:
  // False where memory is exhausted.
  bool Insert(void* memory, Bucket* bucket) {
    if (2 * (count_ + 1) > capacity_ && !Grow()) return false;
    Place(memory, bucket);
    ++count_;
    return true;
  }

  // The bucket of an address, which is forgotten, or null.
  Bucket* Remove(void* memory) {
    if (capacity_ == 0) return nullptr;
    size_t i = Home(memory);
    while (entries_[i].memory != memory) {
      if (entries_[i].memory == nullptr) return nullptr;
      i = (i + 1) & (capacity_ - 1);
    }
    Bucket* const bucket = entries_[i].bucket;
    // What was pushed past this place moves up, so that no search ends too early.
    size_t hole = i;
    for (size_t j = (i + 1) & (capacity_ - 1); entries_[j].memory != nullptr;
         j = (j + 1) & (capacity_ - 1)) {
      const size_t from_home = (j - Home(entries_[j].memory)) & (capacity_ - 1);
      if (from_home >= ((j - hole) & (capacity_ - 1))) {
        entries_[hole] = entries_[j];
        hole = j;
      }
    }
    entries_[hole] = {};
    --count_;
    return bucket;
  }

 private:
  struct Entry {
    void* memory;
    Bucket* bucket;
  };

  size_t Home(void* memory) const {
    return Mix(reinterpret_cast<uintptr_t>(memory)) & (capacity_ - 1);
  }

  void Place(void* memory, Bucket* bucket) {
    size_t i = Home(memory);
    while (entries_[i].memory != nullptr) i = (i + 1) & (capacity_ - 1);
    entries_[i] = {memory, bucket};
  }

  bool Grow() {
    const size_t capacity = std::max<size_t>(1024, 2 * capacity_);
    auto* const entries = static_cast<Entry*>(std::calloc(capacity, sizeof(Entry)));
    if (entries == nullptr) return false;
    Entry* const old = std::exchange(entries_, entries);
    const size_t old_capacity = std::exchange(capacity_, capacity);
    for (size_t i = 0; i < old_capacity; ++i) {
      if (old[i].memory != nullptr) Place(old[i].memory, old[i].bucket);
    }
    std::free(old);
    return true;
  }

  Entry* entries_ = nullptr;
  size_t capacity_ = 0;  // a power of two, or 0
  size_t count_ = 0;
};

// The sampled objects of the collected heap that no collection has found dead.
class ObjectTable {
 public:
  // False where memory is exhausted.
  bool Insert(void* object, Bucket* bucket) {
    if (count_ == capacity_) {
      const size_t capacity = std::max<size_t>(1024, 2 * capacity_);
      void* const entries = std::realloc(entries_, capacity * sizeof(Entry));
      if (entries == nullptr) return false;
      entries_ = static_cast<Entry*>(entries);
      capacity_ = capacity;
    }
    entries_[count_++] = {object, bucket, stops.load(std::memory_order_relaxed)};
    return true;
  }

  // Counts those as freed that marking has not reached. What is newer than the stop is not marked.
  void RemoveDead(uint64_t before_stop) {
    size_t kept = 0;
    for (size_t i = 0; i < count_; ++i) {
      const Entry& entry = entries_[i];
      if (entry.stop < before_stop && GC_is_marked(entry.object) == 0) {
        ++entry.bucket->published.frees;
      } else {
        entries_[kept++] = entry;
      }
    }
    count_ = kept;
  }

 private:
  struct Entry {
    void* object;
    Bucket* bucket;
    uint64_t stop;
  };

  Entry* entries_ = nullptr;
  size_t capacity_ = 0;
  size_t count_ = 0;
};

constinit NewTable news;
constinit ObjectTable objects;

uint64_t RandomBits() {
  static constinit std::atomic<uint64_t> threads{0};
  if (random_state == 0) {
    random_state = Mix(runtime::MonotonicNanos() ^ Mix(threads.fetch_add(1) + 1)) | 1;
  }
  random_state += 0x9e3779b97f4a7c15;  // SplitMix64
  return Mix(random_state);
}

uint64_t NextDistance() { return DistanceToSample(RandomBits(), Rate()); }

// A frame on the stack, as the unwinder comes to it: an address to return to, and the stack pointer
// after that return.
struct UnwoundFrame {
  uintptr_t pc;
  uintptr_t sp;

  bool operator==(const UnwoundFrame&) const = default;
};

struct UnwoundStack {
  size_t depth = 0;
  UnwoundFrame frames[kMaxDepth + 1];
};

// Of this thread's last sample. libgcc takes 0.14 us for a frame, and from one sample to the next
// the outer frames seldom change. Where one is met again, at its place, the frames around it are
// the same if each return address is still where it was found.
constinit thread_local UnwoundStack last_stack = {};

#ifdef __x86_64__
// Reads words of the stack that the compiler knows nothing of.
__attribute__((no_sanitize("address"))) bool StillThere(const UnwoundFrame* first,
                                                        const UnwoundFrame* end) {
  for (; first != end; ++first) {
    if (*reinterpret_cast<const uintptr_t*>(first->sp - sizeof first->pc) != first->pc)
      return false;
  }
  return true;
}
#else
bool StillThere(const UnwoundFrame*, const UnwoundFrame*) { return false; }
#endif

_Unwind_Reason_Code OnFrame(_Unwind_Context* context, void* result) {
  auto& stack = *static_cast<UnwoundStack*>(result);
  const UnwoundFrame frame{_Unwind_GetIP(context), _Unwind_GetCFA(context)};
  if (frame.pc == 0 || stack.depth == std::size(stack.frames)) return _URC_END_OF_STACK;
  stack.frames[stack.depth++] = frame;
  // The stack grows downwards: outer frames have greater addresses.
  const UnwoundFrame* const begin = last_stack.frames;
  const UnwoundFrame* const end = begin + last_stack.depth;
  const UnwoundFrame* const same = std::find_if(
      begin, end, [&frame](const UnwoundFrame& other) { return other.sp >= frame.sp; });
  if (same == end || *same != frame || !StillThere(same + 1, end)) return _URC_NO_REASON;
  const size_t room = std::size(stack.frames) - stack.depth;
  const size_t outer = std::min(static_cast<size_t>(end - same) - 1, room);
  // Of a stack that was too deep, the outermost frames are not known.
  if (outer < room && last_stack.depth == std::size(last_stack.frames)) return _URC_NO_REASON;
  std::copy_n(same + 1, outer, stack.frames + stack.depth);
  stack.depth += outer;
  return _URC_END_OF_STACK;
}

enum class Origin { kCollected, kNew };

// The frame that is left out of each stack is this function's own.
[[gnu::noinline]] void Record(void* memory, size_t bytes, Origin origin) {
  Unsampled quiet;
  UnwoundStack unwound;
  _Unwind_Backtrace(OnFrame, &unwound);
  uintptr_t stack[kMaxDepth];
  size_t depth = 0;
  for (size_t i = 1; i < unwound.depth; ++i) stack[depth++] = unwound.frames[i].pc;
  last_stack.depth = unwound.depth;
  std::copy_n(unwound.frames, unwound.depth, last_stack.frames);
  std::lock_guard lock(mutex);
  Bucket* const bucket = FindBucket(stack, depth, bytes);
  if (bucket == nullptr) return;
  if (origin == Origin::kCollected) {
    if (!objects.Insert(memory, bucket)) return;
  } else {
    // An address that is still here was given back by other means than operator delete.
    if (Bucket* const stale = news.Remove(memory)) {
      ++stale->Now().frees;
    } else {
      runtime::internal::WatchDelete(memory);
    }
    if (!news.Insert(memory, bucket)) {
      runtime::internal::UnwatchDelete(memory);
      return;
    }
  }
  ++bucket->Now().allocs;
}

uint64_t OnObject(void* object, size_t bytes) {
  if (object != nullptr && !busy) Record(object, bytes, Origin::kCollected);
  return NextDistance();
}

uint64_t OnNew(void* memory, size_t bytes) {
  if (memory != nullptr && !busy) Record(memory, bytes, Origin::kNew);
  return NextDistance();
}

void OnDelete(void* memory) {
  std::lock_guard lock(mutex);
  Bucket* const bucket = news.Remove(memory);
  if (bucket == nullptr) return;
  ++bucket->Now().frees;
  runtime::internal::UnwatchDelete(memory);
}

// The collector calls this with its lock held.
void OnCollectionEvent(GC_EventType event) {
  if (event_before != nullptr) event_before(event);  // first: it measures how long this takes
  if (event == GC_EVENT_RECLAIM_START) {
    // The mark bits are final, and nothing has been freed yet.
    std::lock_guard lock(mutex);
    const uint64_t before_stop = stops.load(std::memory_order_relaxed);
    objects.RemoveDead(before_stop);
    for (Bucket* bucket = buckets; bucket != nullptr; bucket = bucket->next) {
      bucket->Publish(before_stop);
    }
  } else if (event == GC_EVENT_POST_STOP_WORLD) {
    stops.fetch_add(1, std::memory_order_relaxed);
  }
}

// Before other constructors, which allocate too; only the pool's is earlier (heapwise/pool_base.cc), which must be before
// the collector has threads.
[[gnu::constructor(102)]] void Start() {
  Unsampled quiet;
  slots = static_cast<Bucket**>(std::calloc(kSlots, sizeof(Bucket*)));
  if (slots == nullptr) return;
  UnwoundStack unwound;
  _Unwind_Backtrace(OnFrame, &unwound);  // what the unwinder sets up, it sets up now
  // Before the collector's own, which then takes its lock first at a fork: the order that holds
  // everywhere.
  pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, [] { mutex.unlock(); });
  runtime::internal::SetNewHooks(OnNew, OnDelete);
  runtime::internal::InitCollector();
  event_before = GC_get_on_collection_event();
  GC_set_on_collection_event(OnCollectionEvent);
  runtime::internal::SetSampleHook(OnObject);
}

}  // namespace

uint64_t DistanceToSample(uint64_t random_bits, int64_t rate) {
  if (rate <= 0) return std::numeric_limits<uint64_t>::max();
  if (rate == 1) return 0;
  const double uniform = static_cast<double>((random_bits >> 11) + 1) * 0x1p-53;  // (0, 1]
  return static_cast<uint64_t>(
      std::min(0x1p62, std::ceil(-std::log(uniform) * static_cast<double>(rate))));
}

int64_t Rate() { return mem_profile_rate.load(std::memory_order_relaxed); }

int64_t ExchangeRate(int64_t rate) {
  const int64_t old = mem_profile_rate.exchange(std::max<int64_t>(0, rate));
  runtime::internal::RestartNewSampling();
  runtime::internal::RestartSampling();
  return old;
}

Rows PublishedRows() {
  std::lock_guard lock(mutex);
  bool nothing = true;
  for (Bucket* bucket = buckets; bucket != nullptr; bucket = bucket->next) {
    nothing = nothing && bucket->published.allocs == 0 && bucket->published.frees == 0;
  }
  Rows result;
  result.rows.reset(static_cast<Row*>(std::calloc(bucket_count + 1, sizeof(Row))));
  if (result.rows == nullptr) return result;
  for (Bucket* bucket = buckets; bucket != nullptr; bucket = bucket->next) {
    if (nothing) bucket->Publish(std::numeric_limits<uint64_t>::max());
    if (bucket->published.allocs == 0) continue;
    result.rows[result.count++] = {bucket->stack(), bucket->depth, bucket->bytes,
                                   bucket->published.allocs, bucket->published.frees};
  }
  return result;
}

Unsampled::Unsampled() : before_(std::exchange(busy, true)) {}
Unsampled::~Unsampled() { busy = before_; }

}  // namespace heapwise::pprof::internal
