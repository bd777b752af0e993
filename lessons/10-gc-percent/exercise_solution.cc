#include <algorithm>

#include "heapwise/debug.h"
#include "lessons/10-gc-percent/lesson.h"

namespace exercise {
namespace {

constexpr uint64_t kLeastGoalAt100 = 4 << 20;  // bytes

}  // namespace

int GCPercentFor(uint64_t live_bytes, uint64_t root_bytes, uint64_t budget_bytes) {
  if (budget_bytes <= live_bytes) return 1;
  const uint64_t by_growth = (budget_bytes - live_bytes) * 100 / (live_bytes + root_bytes);
  const uint64_t by_least_goal = budget_bytes * 100 / kLeastGoalAt100;
  return std::max(1, static_cast<int>(std::min(by_growth, by_least_goal)));
}

int StartServiceWithin(uint64_t budget_bytes) {
  LoadCatalogue();
  const LiveHeap heap = CollectAndMeasure();
  const int percent = GCPercentFor(heap.live_bytes, heap.root_bytes, budget_bytes);
  heapwise::debug::SetGCPercent(percent);
  return percent;
}

}  // namespace exercise
