#include "lessons/02-gc-phases/lesson.h"

namespace slow {

void StartService(int catalogue_mib) {
  // Nothing to choose, this is the default: a collection stops the world, marks whatever lives, and
  // only then lets the program go on.
  LoadCatalogue(catalogue_mib);
}

}  // namespace slow
