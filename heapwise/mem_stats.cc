#include "heapwise/mem_stats.h"

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/gc/collector.h"
#include "heapwise/gc/fast_path.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/log.h"
#include "heapwise/gc/trigger.h"
#include "heapwise/modes.h"
#include "heapwise/thread_heap.h"

namespace heapwise::runtime {
namespace {

uint64_t SubtractOrZero(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

void ReadMemStats(MemStats* stats) {
  internal::InitCollector();
  *stats = MemStats{};
  GC_prof_stats_s heap;
  const uint64_t began = MonotonicNanos();
  GC_stop_world_external();  // takes the allocation lock as well
  const uint64_t stopped = MonotonicNanos();
  GC_get_prof_stats_unsafe(&heap, sizeof heap);
  const internal::CollectorTotals totals = internal::Totals();
  const AllocCounters allocated = TotalAllocs();
  const AllocCounters freed = internal::TotalFrees();
  internal::CopyPauses(stats->PauseNs, stats->PauseEnd);
  GC_start_world_external();
  internal::OtherStops().Record(stopped - began, MonotonicNanos() - began);

  stats->TotalAlloc = allocated.bytes;
  stats->Mallocs = allocated.allocs;
  stats->HeapAlloc = stats->Alloc = allocated.bytes - freed.bytes;
  stats->HeapObjects = allocated.allocs - freed.allocs;
  stats->Frees = freed.allocs;
  stats->HeapSys = heap.heapsize_full;
  stats->HeapIdle = heap.free_bytes_full;
  stats->HeapInuse = stats->HeapSys - stats->HeapIdle;
  stats->HeapReleased = heap.unmapped_bytes;
  stats->GCSys = SubtractOrZero(heap.obtained_from_os_bytes, heap.heapsize_full);
  stats->Sys = stats->HeapSys + stats->GCSys;
  stats->NextGC = internal::CurrentHeapGoal();
  stats->LastGC = totals.last_gc_unix_ns;
  stats->PauseTotalNs = totals.pause_total_ns;
  stats->NumGC = static_cast<uint32_t>(totals.num_gc);
  stats->NumForcedGC = static_cast<uint32_t>(totals.num_forced);
  stats->GCCPUFraction = totals.gc_cpu_fraction;
}

HeapCounters ReadHeapCounters() {
  internal::InitCollector();
  const internal::CollectorTotals totals = internal::Totals();
  const internal::LimiterState limiter = internal::Limiter();
  const AllocCounters allocated = TotalAllocs();
  const uint64_t heap = GC_get_heap_size();
  return {.num_gc = totals.num_gc,
          .num_forced_gc = totals.num_forced,
          .pause_total_ns = totals.pause_total_ns,
          .max_pause_ns = totals.max_pause_ns,
          .gc_cpu_ns = totals.gc_cpu_ns,
          .gc_cpu_fraction = totals.gc_cpu_fraction,
          .heap_live = internal::heap_live.load(),
          .heap_marked = totals.heap_marked,
          .heap_goal = internal::CurrentHeapGoal(),
          .heap_in_use_estimate = SubtractOrZero(heap, GC_get_free_bytes()),
          .heap_sys = heap + GC_get_unmapped_bytes(),
          .sys_minus_released = GC_get_obtained_from_os_bytes() - GC_get_unmapped_bytes(),
          .peak_heap = PeakHeapBytes(),
          .total_alloc = allocated.bytes,
          .mallocs = allocated.allocs,
          .markers = Markers(),
          .mode = ModeName(CurrentMode()),
          .limiter_on = limiter.limiting,
          .limited = limiter.put_off};
}

}  // namespace heapwise::runtime
