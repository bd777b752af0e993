#include "heapwise/pprof/hooks.h"

#include <pthread.h>

#include <atomic>
#include <limits>
#include <mutex>
#include <utility>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/next_sample.h"
#include "heapwise/gc/collector.h"
#include "heapwise/new_delete.h"
#include "heapwise/pprof/sampler.h"
#include "heapwise/pprof/stacks.h"
#include "heapwise/pprof/tables.h"
#include "heapwise/thread_heap.h"

namespace heapwise::pprof::internal {
namespace {

using runtime::internal::NextSample;

// A thread that holds the mutex calls nothing of bdwgc's that takes a lock, so that the collector may take it, inside its
// own lock and with the world running. With the world stopped nobody may wait for it: its holder may be among the stopped.
struct Tables {
  std::mutex mutex;
  BucketTable buckets;
  NewTable news;
  ObjectTable objects;
};
constinit Tables tables;

// Raised while the world is stopped; which stop an event came before decides when it is published.
constinit std::atomic<uint64_t> stops{0};
constinit thread_local bool busy = false;  // this thread's allocations are not sampled
constinit GC_on_collection_event_proc event_before = nullptr;

enum class Origin { kCollected, kNew };

// The frame that is left out of each stack is this function's own.
[[gnu::noinline]] void Record(void* memory, size_t bytes, int64_t interval, Origin origin) {
  Unsampled quiet;
  uintptr_t stack[kMaxDepth];
  const size_t depth = CurrentStack(stack);
  const std::lock_guard lock(tables.mutex);
  const uint64_t stop = stops.load(std::memory_order_relaxed);
  Bucket* const bucket = tables.buckets.Find(stack, depth, bytes, interval);
  if (bucket == nullptr) return;
  if (origin == Origin::kCollected) {
    if (!tables.objects.Insert(memory, bucket, stop)) return;
  } else {
    // An address that is still here was given back by other means than operator delete.
    if (Bucket* const stale = tables.news.Remove(memory)) {
      ++stale->At(stop).frees;
    } else {
      runtime::internal::WatchDelete(memory);
    }
    if (!tables.news.Insert(memory, bucket)) {
      runtime::internal::UnwatchDelete(memory);
      return;
    }
  }
  ++bucket->At(stop).allocs;
}

NextSample OnObject(void* object, size_t bytes, int64_t interval) {
  if (object != nullptr && !busy) Record(object, bytes, interval, Origin::kCollected);
  return DrawNext();
}

NextSample OnNew(void* memory, size_t bytes, int64_t interval) {
  if (memory != nullptr && !busy) Record(memory, bytes, interval, Origin::kNew);
  return DrawNext();
}

void OnDelete(void* memory) {
  const std::lock_guard lock(tables.mutex);
  Bucket* const bucket = tables.news.Remove(memory);
  if (bucket == nullptr) return;
  ++bucket->At(stops.load(std::memory_order_relaxed)).frees;
  runtime::internal::UnwatchDelete(memory);
}

// bdwgc calls this with its lock held.
void OnCollectionEvent(GC_EventType event) {
  if (event_before != nullptr) event_before(event);  // first: it measures how long this takes
  if (event == GC_EVENT_RECLAIM_START) {
    // The mark bits are final, and nothing has been freed yet.
    const std::lock_guard lock(tables.mutex);
    const uint64_t before_stop = stops.load(std::memory_order_relaxed);
    tables.objects.RemoveDead(before_stop, [](void* object) { return GC_is_marked(object) != 0; });
    for (Bucket* bucket = tables.buckets.first(); bucket != nullptr; bucket = bucket->next) {
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
  if (!tables.buckets.Start()) return;
  uintptr_t stack[kMaxDepth];
  CurrentStack(stack);  // what the unwinder sets up, it sets up now
  // Before the collector's own, which then takes its lock first at a fork (gc/LOCKS.md).
  pthread_atfork([] { tables.mutex.lock(); }, [] { tables.mutex.unlock(); },
                 [] { tables.mutex.unlock(); });
  runtime::internal::SetNewHooks(OnNew, OnDelete);
  runtime::internal::InitCollector();
  event_before = GC_get_on_collection_event();
  GC_set_on_collection_event(OnCollectionEvent);
  runtime::internal::SetSampleHook(OnObject);
}

}  // namespace

Rows PublishedRows() {
  const std::lock_guard lock(tables.mutex);
  Bucket* const first = tables.buckets.first();
  bool nothing = true;
  for (Bucket* bucket = first; bucket != nullptr; bucket = bucket->next) {
    nothing = nothing && bucket->published.allocs == 0 && bucket->published.frees == 0;
  }
  Rows result;
  result.rows.reset(static_cast<Row*>(std::calloc(tables.buckets.size() + 1, sizeof(Row))));
  if (result.rows == nullptr) return result;
  for (Bucket* bucket = first; bucket != nullptr; bucket = bucket->next) {
    if (nothing) bucket->Publish(std::numeric_limits<uint64_t>::max());
    if (bucket->published.allocs == 0) continue;
    result.rows[result.count++] = {.stack = bucket->stack(),
                                   .depth = bucket->depth,
                                   .bytes_each = bucket->bytes,
                                   .interval = bucket->interval,
                                   .allocs = bucket->published.allocs,
                                   .frees = bucket->published.frees};
  }
  return result;
}

Unsampled::Unsampled() : before_(std::exchange(busy, true)) {}
Unsampled::~Unsampled() { busy = before_; }

}  // namespace heapwise::pprof::internal
