#include "lessons/01-gc-metrics/readings.h"

#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

namespace runtime = heapwise::runtime;

namespace {

// In a function of its own, so that no pointer is left in the caller's frame; in 16 pieces, so that
// a stale one elsewhere could hold only one of them.
[[gnu::noinline]] void DropGarbage() {
  for (int i = 0; i < 16; ++i) runtime::MakeSlice<char>(4 << 10);
}

}  // namespace

void CollectAndCompare(Tally& tally) {
  DropGarbage();
  runtime::MemStats before;
  runtime::ReadMemStats(&before);
  runtime::GC();
  runtime::MemStats after;
  runtime::ReadMemStats(&after);

  ++tally.collections;
  if (before.TotalAlloc < tally.total_alloc_seen || after.TotalAlloc < before.TotalAlloc) {
    ++tally.total_alloc_fell;
  }
  tally.total_alloc_seen = after.TotalAlloc;
  if (after.HeapAlloc < before.HeapAlloc) ++tally.heap_alloc_fell;
  if (after.NumGC == before.NumGC + 1) ++tally.num_gc_rose_by_one;
  const uint64_t pause_ns = after.PauseTotalNs - before.PauseTotalNs;
  if (after.PauseNs[(after.NumGC + 255) % 256] == pause_ns) ++tally.last_pause_in_place;
}
