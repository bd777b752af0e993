#include "heapwise/weak.h"

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/fatal.h"
#include "heapwise/gc/collector.h"

namespace heapwise::runtime::internal {

WeakLink::WeakLink(void* object) : hidden_(reinterpret_cast<void*>(GC_HIDE_POINTER(object))) {
  InitCollector();
  void* const base = GC_base(object);
  if (base == nullptr) Fatal("fatal error: Weak: pointer %p not in heap\n", object);
  GC_general_register_disappearing_link(&hidden_, base);
}

WeakLink::~WeakLink() { GC_unregister_disappearing_link(&hidden_); }

void* WeakLink::Get() const {
  const AllocLock lock;
  return hidden_ == nullptr ? nullptr
                            : GC_REVEAL_POINTER(reinterpret_cast<GC_hidden_pointer>(hidden_));
}

}  // namespace heapwise::runtime::internal
