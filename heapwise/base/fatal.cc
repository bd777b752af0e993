#include "heapwise/base/fatal.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace heapwise::runtime::internal {

void Fatal(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::_Exit(2);
}

}  // namespace heapwise::runtime::internal
