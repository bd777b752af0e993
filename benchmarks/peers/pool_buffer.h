#ifndef HEAPWISE_BENCHMARKS_PEERS_POOL_BUFFER_H_
#define HEAPWISE_BENCHMARKS_PEERS_POOL_BUFFER_H_

#include "heapwise/heap.h"

namespace heapwise::peers {

// What the pools hand out. pool.go has the same.
struct Buffer {
  char bytes[1024];
};

// Writes a byte, and keeps the compiler from leaving the buffer out.
inline void Use(Buffer* buffer) {
  ++buffer->bytes[0];
  asm volatile("" : : "r"(buffer) : "memory");
}

}  // namespace heapwise::peers

template <>
inline constexpr bool heapwise::runtime::kIsPointerFree<heapwise::peers::Buffer> = true;

#endif  // HEAPWISE_BENCHMARKS_PEERS_POOL_BUFFER_H_
