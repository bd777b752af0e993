#include "heapwise/gc/pacer.h"

#include <algorithm>

namespace heapwise::runtime {
namespace {

uint64_t Saturated(unsigned __int128 n) {
  return n > kNoHeapGoal ? kNoHeapGoal : static_cast<uint64_t>(n);
}

uint64_t SubtractOrZero(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

uint64_t HeapMinimum(int gc_percent) {
  if (gc_percent < 0) return kNoHeapGoal;
  return kDefaultHeapMinimum * static_cast<uint64_t>(gc_percent) / 100;
}

uint64_t HeapGoal(int gc_percent, uint64_t heap_marked, uint64_t stack_bytes,
                  uint64_t globals_bytes) {
  if (gc_percent < 0) return kNoHeapGoal;
  const unsigned __int128 scanned =
      static_cast<unsigned __int128>(heap_marked) + stack_bytes + globals_bytes;
  const uint64_t goal = Saturated(heap_marked + scanned * static_cast<unsigned>(gc_percent) / 100);
  return std::max(goal, HeapMinimum(gc_percent));
}

uint64_t Trigger(uint64_t goal, uint64_t heap_marked) {
  if (goal == kNoHeapGoal || heap_marked >= goal) return goal;
  const uint64_t trigger = heap_marked + (goal - heap_marked) / 64 * 61;
  return std::max(trigger, SubtractOrZero(goal, kDefaultHeapMinimum));
}

uint64_t IncrementalLimitTrigger(uint64_t goal, uint64_t heap_marked) {
  const uint64_t least = heap_marked + std::max(heap_marked / 8, kMinHeapDistance);
  return std::max(least, goal / 12 * 10);
}

uint64_t MemoryLimitHeapGoal(int64_t memory_limit, const MemoryUse& use) {
  const uint64_t limit = static_cast<uint64_t>(memory_limit);
  const uint64_t non_heap =
      SubtractOrZero(SubtractOrZero(use.mapped_ready, use.heap_free), use.heap_alloc);
  const uint64_t overage = SubtractOrZero(use.mapped_ready, limit);
  const uint64_t unusable = Saturated(static_cast<unsigned __int128>(non_heap) + overage);
  if (unusable >= limit) return use.heap_marked;
  const uint64_t room = limit - unusable;
  const uint64_t headroom =
      std::max(room / 100 * kMemoryLimitHeadroomPercent, kMinMemoryLimitHeadroom);
  return std::max({SubtractOrZero(room, headroom), headroom, use.heap_marked});
}

bool LimiterApplies(uint64_t live, uint64_t percent_trigger, uint64_t limit_trigger,
                    uint64_t heap_marked) {
  return live < percent_trigger && limit_trigger < heap_marked + heap_marked / 5 * 3;
}

}  // namespace heapwise::runtime
