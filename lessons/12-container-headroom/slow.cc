#include "lessons/12-container-headroom/lesson.h"

namespace slow {

// "The container has 24 MiB, so the heap may have 24 MiB."
Pod Deploy() {
  return {
      .container = kContainerBytes,
      .gomemlimit = kContainerBytes,
  };
}

}  // namespace slow
