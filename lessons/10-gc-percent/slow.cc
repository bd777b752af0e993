#include "heapwise/debug.h"
#include "lessons/10-gc-percent/lesson.h"

namespace debug = heapwise::debug;

namespace slow {

void StartService() {
  LoadCatalogue();
  // From now on: collect when the heap reaches 1.5 times what survived the last collection.
  debug::SetGCPercent(50);
}

}  // namespace slow
