#include "runtime/finalizer.h"

#include "runtime/bdwgc.h"

namespace heapwise::runtime::internal {

void RegisterFinalizer(void* object, void (*run)(void* object, void* finalizer), void* finalizer) {
  GC_register_finalizer_no_order(object, run, finalizer, nullptr, nullptr);
}

}  // namespace heapwise::runtime::internal
