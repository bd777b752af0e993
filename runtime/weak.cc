#include "runtime/weak.h"

#include "runtime/bdwgc.h"
#include "runtime/collector.h"

namespace heapwise::runtime::internal {

WeakLink::WeakLink(void* object) : hidden_(reinterpret_cast<void*>(GC_HIDE_POINTER(object))) {
  InitCollector();
  GC_general_register_disappearing_link(&hidden_, GC_base(object));
}

WeakLink::~WeakLink() { GC_unregister_disappearing_link(&hidden_); }

void* WeakLink::Get() const {
  const AllocLock lock;
  return hidden_ == nullptr ? nullptr
                            : GC_REVEAL_POINTER(reinterpret_cast<GC_hidden_pointer>(hidden_));
}

}  // namespace heapwise::runtime::internal
