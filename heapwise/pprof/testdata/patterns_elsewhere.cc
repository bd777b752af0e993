#include <cstddef>

namespace {
void* volatile sink;
}

void* AllocateElsewhere(size_t bytes) {  // start elsewhere
  sink = new char[bytes];                // site elsewhere
  return sink;
}
