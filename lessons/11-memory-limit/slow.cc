#include "heapwise/debug.h"
#include "lessons/11-memory-limit/lesson.h"

namespace debug = heapwise::debug;

namespace slow {

void StartService() {
  // The defaults: collect when the heap has doubled, however much memory that is.
  debug::SetGCPercent(100);
  debug::SetMemoryLimit(kNoLimit);
  LoadCatalogue();
}

}  // namespace slow
