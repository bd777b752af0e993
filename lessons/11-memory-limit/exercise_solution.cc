#include <algorithm>

#include "heapwise/debug.h"
#include "lessons/11-memory-limit/lesson.h"

namespace debug = heapwise::debug;

namespace exercise {

int64_t MemoryLimitFor(int64_t container_bytes, int64_t other_bytes, int64_t old_limit) {
  const int64_t left = std::max<int64_t>(0, container_bytes - other_bytes);
  return std::min(left, old_limit);
}

bool StartServiceIn(int64_t container_bytes, int64_t other_bytes) {
  const int64_t old_limit = debug::SetMemoryLimit(-1);
  const int64_t limit = MemoryLimitFor(container_bytes, other_bytes, old_limit);
  if (limit < kLiveBytes / 2 * 3) return false;
  debug::SetMemoryLimit(limit);
  debug::SetGCPercent(-1);
  LoadCatalogue();
  return true;
}

}  // namespace exercise
