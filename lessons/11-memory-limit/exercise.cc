// Exercise: start the service in a container.
//
// As it stands it takes the whole container for the collector, keeps collecting at every doubling,
// and starts the service even where it would do little but collect.
//
// Done when `make check LESSON=11` passes:
//   - the limit leaves room for what the collector does not count, and never raises a lower limit
//     that is set already (by GOMEMLIMIT, say);
//   - the service fills what the limit gives it, and collects no more often than it must;
//   - where the limit would be under one and a half times kLiveBytes, nothing is started and no
//     setting has changed.
//
// Hint: SetMemoryLimit(-1) reads the limit that is set. Decide first, and set then.
#include "heapwise/debug.h"
#include "lessons/11-memory-limit/lesson.h"

namespace exercise {

int64_t MemoryLimitFor(int64_t container_bytes, int64_t /*other_bytes*/, int64_t /*old_limit*/) {
  return container_bytes;
}

bool StartServiceIn(int64_t container_bytes, int64_t other_bytes) {
  heapwise::debug::SetMemoryLimit(MemoryLimitFor(container_bytes, other_bytes, kNoLimit));
  LoadCatalogue();
  return true;
}

}  // namespace exercise
