#include "heapwise/base/fatal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace heapwise::runtime::internal {

// Another thread may hold the stream, and be stopped, or wait for whoever reads it.
void FlushStdout() {
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (ftrylockfile(stdout) == 0) {
      std::fflush(stdout);
      funlockfile(stdout);
      return;
    }
    usleep(1000);
  }
}

void Fatal(const char* format, ...) {
  char message[2048];
  va_list arguments;
  va_start(arguments, format);
  const int length = std::vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  // Not by stderr, whose lock another thread may hold.
  const auto size =
      static_cast<size_t>(std::clamp(length, 0, static_cast<int>(sizeof message) - 1));
  if (write(STDERR_FILENO, message, size) < 0) {
    // There is nobody to tell.
  }
  FlushStdout();
  std::_Exit(2);
}

}  // namespace heapwise::runtime::internal
