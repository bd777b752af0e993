#include "heapwise/weak.h"

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/fatal.h"
#include "heapwise/gc/collector.h"

namespace heapwise::runtime::internal {

WeakLink::WeakLink(void* object) {
  InitCollector();
  void* const base = GC_base(object);
  if (base == nullptr) Fatal("fatal error: Weak: pointer %p not in heap\n", object);
  AddWeak(entry_, object, base);
}

WeakLink::~WeakLink() { RemoveWeak(entry_); }

void* WeakLink::Get() const { return GetWeak(entry_); }

}  // namespace heapwise::runtime::internal
