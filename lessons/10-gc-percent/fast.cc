#include "heapwise/debug.h"
#include "lessons/10-gc-percent/lesson.h"

namespace debug = heapwise::debug;

namespace fast {

void StartService() {
  LoadCatalogue();
  // From now on: collect when the heap reaches 3 times what survived the last collection.
  debug::SetGCPercent(200);
}

}  // namespace fast
