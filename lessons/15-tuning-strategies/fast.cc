#include "heapwise/debug.h"
#include "lessons/15-tuning-strategies/lesson.h"

namespace debug = heapwise::debug;

namespace fast {

void StartService() {
  OpenShop();
  // The tutorial's advice for batch work: collect rarely, when the heap is three times as large.
  debug::SetGCPercent(200);
}

}  // namespace fast
