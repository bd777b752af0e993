#include "heapwise/heap.h"
#include "lessons/03-stack-vs-heap/lesson.h"

namespace {

// A static variable is a root: the collector never takes this object for garbage.
Object<256>* const kept = heapwise::runtime::New<Object<256>>();

}  // namespace

namespace slow {

// As slow::Sum<256>, without the allocation. The pointer to the heap is still there.
uint64_t SumKept() {
  *kept = {};
  return FillAndSum(*kept);
}

}  // namespace slow
