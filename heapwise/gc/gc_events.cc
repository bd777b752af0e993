#include "heapwise/gc/gc_events.h"

#include <algorithm>

namespace heapwise::runtime {

size_t CollectionRing::CountSince(uint64_t since) const {
  return std::min<uint64_t>(next_ - std::min(since, next_), capacity_);
}

void CollectionRing::CopySince(uint64_t since, CollectionSlice& slice) const {
  const uint64_t oldest = next_ > capacity_ ? next_ - capacity_ : 0;
  slice.next = next_;
  slice.lost = oldest > since ? oldest - since : 0;
  for (uint64_t i = next_ - CountSince(since); i < next_; ++i) {
    slice.collections.push_back(entries_[i % capacity_]);
  }
}

}  // namespace heapwise::runtime
