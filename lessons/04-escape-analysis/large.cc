#include "heapwise/heap.h"
#include "lessons/04-escape-analysis/lesson.h"

namespace slow {

// Too large for Go's stack, which takes up to 64 KiB from make. MakeSlice always takes the heap.
int64_t DistinctPrices(Order order) {
  const std::span<bool> seen = heapwise::runtime::MakeSlice<bool>(kPrices);
  int64_t distinct = 0;
  for (const Item& item : order) {
    if (!seen[item.cents]) ++distinct;
    seen[item.cents] = true;
  }
  return distinct;
}

}  // namespace slow

namespace fast {

// A local array is on the stack, whatever its size. That there is room is for you to know.
int64_t DistinctPrices(Order order) {
  std::array<bool, kPrices> seen = {};
  int64_t distinct = 0;
  for (const Item& item : order) {
    if (!seen[item.cents]) ++distinct;
    seen[item.cents] = true;
  }
  return distinct;
}

}  // namespace fast
