#include "heapwise/debug.h"
#include "lessons/11-memory-limit/lesson.h"

std::string DescribeMemoryLimit() {
  const int64_t limit = heapwise::debug::SetMemoryLimit(-1);  // negative: reads, sets nothing
  if (limit == kNoLimit) return "no memory limit";
  return "memory limit: " + std::to_string(limit >> 20) + " MiB";
}
