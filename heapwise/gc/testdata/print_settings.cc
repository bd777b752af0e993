// What print_settings.go prints, of this library.
#include <cinttypes>
#include <cstdio>

#include "heapwise/debug.h"

int main() {
  const int64_t limit = heapwise::debug::SetMemoryLimit(-1);
  std::printf("%d %" PRId64 "\n", heapwise::debug::SetGCPercent(-1), limit);
}
