#include "heapwise/debug.h"
#include "lessons/15-tuning-strategies/lesson.h"

namespace debug = heapwise::debug;

namespace slow {

void StartService() {
  OpenShop();
  // The tutorial's advice for a service with low latency: collect often, when the heap is half as large again.
  debug::SetGCPercent(50);
}

}  // namespace slow
