#include <memory>

#include "heapwise/heap.h"
#include "lessons/03-stack-vs-heap/lesson.h"

namespace slow {

// New finds room on the collected heap and clears it. Nobody gives it back: some calls later a
// collection finds out that the object is not needed any more.
template <size_t kBytes>
uint64_t Sum() {
  Object<kBytes>* object = heapwise::runtime::New<Object<kBytes>>();
  return FillAndSum(*object);
}

// The same with operator new. Its room is given back at the end of the call, by delete.
template <size_t kBytes>
uint64_t SumUnique() {
  auto object = std::make_unique<Object<kBytes>>();
  return FillAndSum(*object);
}

// The sizes on the charts.
template uint64_t Sum<16>();
template uint64_t Sum<256>();
template uint64_t Sum<4096>();
template uint64_t Sum<65536>();
template uint64_t SumUnique<16>();
template uint64_t SumUnique<256>();
template uint64_t SumUnique<4096>();
template uint64_t SumUnique<65536>();

}  // namespace slow
