// A heap without a profiler, and a vector that keeps what is in it.
#include <cstdio>
#include <vector>

#include "heapwise/debug.h"
#include "heapwise/heap.h"

int main() {  // NOLINT(bugprone-exception-escape): if memory is used up
  heapwise::debug::SetGCPercent(50);
  std::vector<long*, heapwise::runtime::Allocator<long*>> numbers;
  for (long i = 0; i < 1'000'000; ++i) {
    long* const number = heapwise::runtime::New<long>(i);
    if (i % 1000 == 0) numbers.push_back(number);
  }
  std::printf("the last of %zu is %ld\n", numbers.size(), *numbers.back());
}
