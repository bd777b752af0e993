#include "heapwise/gc/log.h"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "heapwise/base/atomic_max.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/gc/fast_path.h"

namespace heapwise::runtime {
namespace internal {
namespace {

struct Log {
  std::atomic<uint64_t> num_gc{0};
  std::atomic<uint64_t> num_forced{0};
  std::atomic<uint64_t> pause_total_ns{0};
  std::atomic<uint64_t> max_pause_ns{0};
  std::atomic<uint64_t> gc_cpu_ns{0};
  std::atomic<uint64_t> assist_ns{0};
  std::atomic<double> gc_cpu_fraction{0};
  std::atomic<uint64_t> heap_marked{0};
  std::atomic<uint64_t> objects_marked{0};
  std::atomic<uint64_t> stack_bytes{0};
  std::atomic<uint64_t> last_gc_unix_ns{0};
  std::atomic<uint64_t> last_gc_ns{0};
  std::atomic<uint64_t> peak_heap{0};  // raised by anyone

  // Guarded by bdwgc's lock.
  uint64_t pauses[256] = {};
  uint64_t pause_ends[256] = {};
  CollectionRing* ring = nullptr;
};
constinit Log log;
constinit Stops collection_stops;
constinit Stops other_stops;

}  // namespace

void StartLog() { log.ring = new CollectionRing(CollectionLog::kCapacity); }

void LogCollection(const Collection& c, uint64_t objects_marked, uint64_t end_ns) {
  log.heap_marked.store(c.heap_after_bytes);
  log.objects_marked.store(objects_marked);
  log.stack_bytes.store(c.stack_bytes);
  log.pause_total_ns.fetch_add(c.pause_ns);
  NotePause(c.max_pause_ns);
  log.gc_cpu_ns.fetch_add(c.gc_cpu_ns);
  log.assist_ns.fetch_add(c.concurrent_mark_ns + c.sweep_ns);
  log.last_gc_unix_ns.store(UnixNanos());
  log.last_gc_ns.store(end_ns);
  const double available = static_cast<double>(end_ns - ProcessStartNanos()) * Processors();
  log.gc_cpu_fraction.store(static_cast<double>(log.gc_cpu_ns.load()) / available);
  log.pauses[(c.n - 1) % 256] = c.pause_ns;
  log.pause_ends[(c.n - 1) % 256] = log.last_gc_unix_ns.load();
  log.ring->Add(c);
  if (c.forced) log.num_forced.fetch_add(1);
  // The last one: who sees the number finds the collection.
  log.num_gc.store(c.n);
}

CollectorTotals Totals() {
  return {.num_gc = log.num_gc.load(),
          .num_forced = log.num_forced.load(),
          .pause_total_ns = log.pause_total_ns.load(),
          .max_pause_ns = log.max_pause_ns.load(),
          .gc_cpu_ns = log.gc_cpu_ns.load(),
          .assist_ns = log.assist_ns.load(),
          .heap_marked = log.heap_marked.load(),
          .objects_marked = log.objects_marked.load(),
          .last_gc_unix_ns = log.last_gc_unix_ns.load(),
          .gc_cpu_fraction = log.gc_cpu_fraction.load()};
}

uint64_t NumGc() { return log.num_gc.load(); }
uint64_t HeapMarked() { return log.heap_marked.load(std::memory_order_relaxed); }
uint64_t LastStackBytes() { return log.stack_bytes.load(); }
uint64_t LastGcNanos() { return log.last_gc_ns.load(); }

void CopyPauses(uint64_t (&pause_ns)[256], uint64_t (&pause_end_unix_ns)[256]) {
  std::copy(std::begin(log.pauses), std::end(log.pauses), pause_ns);
  std::copy(std::begin(log.pause_ends), std::end(log.pause_ends), pause_end_unix_ns);
}

Stops& CollectionStops() { return collection_stops; }
Stops& OtherStops() { return other_stops; }

void NotePause(uint64_t ns) { RaiseTo(log.max_pause_ns, ns); }

void NotePeak() { RaiseTo(log.peak_heap, heap_live.load()); }

}  // namespace internal

size_t CollectionRing::CountSince(uint64_t since) const {
  return std::min<uint64_t>(next_ - std::min(since, next_), capacity_);
}

void CollectionRing::CopySince(uint64_t since, CollectionSlice& slice) const {
  const uint64_t oldest = next_ > capacity_ ? next_ - capacity_ : 0;
  slice.next = next_;
  slice.lost = oldest > since ? oldest - since : 0;
  for (uint64_t i = next_ - CountSince(since); i < next_; ++i) {
    slice.collections.push_back(entries_[i % capacity_]);
  }
}

uint64_t CollectionLog::Next() { return internal::NumGc(); }

CollectionLog::Slice CollectionLog::Since(uint64_t since) {
  Slice slice;
  while (true) {
    size_t there;
    {
      const internal::AllocLock lock;
      there = internal::log.ring->CountSince(since);
      if (there <= slice.collections.capacity()) {
        internal::log.ring->CopySince(since, slice);
        return slice;
      }
    }
    // Not under the lock; a few more may come.
    slice.collections.reserve(there + 16);
  }
}

uint64_t PeakHeapBytes() {
  internal::NotePeak();
  return internal::log.peak_heap.load();
}

void ResetPeakHeap() { internal::log.peak_heap.store(internal::heap_live.load()); }

uint64_t GcCpuNanos() { return internal::log.gc_cpu_ns.load(); }

}  // namespace heapwise::runtime
