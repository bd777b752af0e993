// Exercise: start the service with the highest GC percentage that keeps the heap within a memory
// budget.
//
// As it stands it plays safe: always 25. That fits, but it collects far more often than it must.
//
// Go's formula for the heap goal, which you solve for the percentage:
//
//   goal = live + (live + roots) * percent / 100, but at least 4 MiB * percent / 100
//
// Done when `make check LESSON=10` passes:
//   - the goal stays within the budget, and one percent more would exceed it;
//   - the service serves its requests within the budget, and collects no more often than it must.
//
// Hint: round down. What lives is known only after a collection: CollectAndMeasure() in workload.h.
#include "heapwise/debug.h"
#include "lessons/10-gc-percent/lesson.h"

namespace exercise {

int GCPercentFor(uint64_t /*live_bytes*/, uint64_t /*root_bytes*/, uint64_t /*budget_bytes*/) {
  return 25;
}

int StartServiceWithin(uint64_t budget_bytes) {
  const int percent = GCPercentFor(0, 0, budget_bytes);
  LoadCatalogue();
  heapwise::debug::SetGCPercent(percent);
  return percent;
}

}  // namespace exercise
