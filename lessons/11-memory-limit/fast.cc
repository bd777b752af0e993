#include "heapwise/debug.h"
#include "lessons/11-memory-limit/lesson.h"

namespace debug = heapwise::debug;

namespace fast {

void StartService() {
  // Collect when the budget is nearly used up, and at no other time.
  debug::SetGCPercent(-1);
  debug::SetMemoryLimit(kBudgetBytes);
  LoadCatalogue();
}

}  // namespace fast
