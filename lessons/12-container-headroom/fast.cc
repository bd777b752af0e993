#include "lessons/12-container-headroom/lesson.h"

namespace fast {

// The heap is not all that a process holds: a tenth of the container is for the rest.
Pod Deploy() {
  return {
      .container = kContainerBytes,
      .gomemlimit = kContainerBytes / 10 * 9,
  };
}

}  // namespace fast
