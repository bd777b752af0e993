#ifndef HEAPWISE_BASE_ATOMIC_MAX_H_
#define HEAPWISE_BASE_ATOMIC_MAX_H_

#include <atomic>
#include <cstdint>

namespace heapwise::runtime::internal {

// Raises it to `value` where it is less. Any thread.
inline void RaiseTo(std::atomic<uint64_t>& maximum, uint64_t value) {
  uint64_t seen = maximum.load(std::memory_order_relaxed);
  while (seen < value && !maximum.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_BASE_ATOMIC_MAX_H_
