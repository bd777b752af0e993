#include "heapwise/finalizer.h"

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/fatal.h"
#include "heapwise/gc/collector.h"
#include "heapwise/specials.h"

namespace heapwise::runtime::internal {

// The words of the messages are Go's (mfinal.go: SetFinalizer).
void RegisterFinalizer(void* object, size_t alignment, void (*run)(void* base, void* finalizer),
                       void* finalizer) {
  InitCollector();
  if (object == nullptr) Fatal("fatal error: runtime.SetFinalizer: first argument is nil\n");
  void* const base = GC_base(object);
  if (base == nullptr) {
    Fatal("fatal error: runtime.SetFinalizer: pointer %p not in heap\n", object);
  }
  if (object != AlignedIn(base, alignment)) {
    Fatal("fatal error: runtime.SetFinalizer: pointer %p not at beginning of allocated block\n",
          object);
  }
  if (run == nullptr) {
    RemoveFinalizer(base);
  } else if (!AddFinalizer(base, run, finalizer)) {
    Fatal("fatal error: runtime.SetFinalizer: finalizer already set\n");
  }
}

}  // namespace heapwise::runtime::internal
