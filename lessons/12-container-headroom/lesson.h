// Lesson 12: how much of a container the collector may have. The service of service.h runs in containers of 24 MiB,
// each under another memory limit.
#ifndef HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_LESSON_H_
#define HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_LESSON_H_

#include <cstdint>
#include <span>
#include <string>

#include "lessons/12-container-headroom/service.h"

namespace slow {  // the limit equals the container
Pod Deploy();
}
namespace fast {  // the limit leaves a tenth of it
Pod Deploy();
}

// The exercise: headroom that was measured, not guessed.
namespace exercise {

// The value of GOMEMLIMIT for a service in a container of container_bytes. outside_bytes holds, for each of some
// runs, the most memory that it held outside of what the collector counts. The greatest of them and a quarter of it
// more (rounded down) is left free; the rest is the limit, in Go's notation and in whole MiB, rounded down:
// "460MiB". Empty where nothing was measured, or less than half of the container would be left.
std::string MemoryLimitFor(int64_t container_bytes, std::span<const int64_t> outside_bytes);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_LESSON_H_
