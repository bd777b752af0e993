#ifndef HEAPWISE_PPROF_MIX_H_
#define HEAPWISE_PPROF_MIX_H_

#include <cstdint>

namespace heapwise::pprof::internal {

// SplitMix64's finaliser: a permutation of the 64-bit numbers in which each bit depends on all.
inline uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_MIX_H_
