#include "runtime/gc_events.h"

#include <algorithm>

namespace heapwise::runtime {

void CollectionRing::CopySince(uint64_t since, CollectionSlice& slice) const {
  const uint64_t oldest = next_ > entries_.size() ? next_ - entries_.size() : 0;
  slice.next = next_;
  slice.lost = oldest > since ? oldest - since : 0;
  for (uint64_t i = std::max(since, oldest); i < next_; ++i) {
    slice.collections.push_back(entries_[i % entries_.size()]);
  }
}

}  // namespace heapwise::runtime
