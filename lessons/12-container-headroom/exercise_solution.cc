// One solution of the exercise. A measurement may be larger than the container, and is compared before anything is
// added to it: the sum could overflow.
#include <algorithm>

#include "lessons/12-container-headroom/lesson.h"

namespace exercise {

std::string MemoryLimitFor(int64_t container_bytes, std::span<const int64_t> outside_bytes) {
  if (outside_bytes.empty()) return "";
  const int64_t most = *std::max_element(outside_bytes.begin(), outside_bytes.end());
  if (most > container_bytes) return "";
  const int64_t limit = container_bytes - (most + most / 4);
  if (limit < (container_bytes + 1) / 2) return "";
  return std::to_string(limit / kMiB) + "MiB";
}

}  // namespace exercise
