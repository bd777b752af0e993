#include "heapwise/gc/cpu_limiter.h"

#include <algorithm>

namespace heapwise::runtime {

void CpuLimiter::Accumulate(int64_t mutator_ns, int64_t gc_ns) {
  fill_ = std::clamp<int64_t>(fill_ + gc_ns - mutator_ns, 0, capacity_);
}

}  // namespace heapwise::runtime
