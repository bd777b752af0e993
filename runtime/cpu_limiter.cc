#include "runtime/cpu_limiter.h"

#include <algorithm>

namespace heapwise::runtime {

void CpuLimiter::Accumulate(int64_t mutator_ns, int64_t gc_ns) {
  const int64_t fill = std::max<int64_t>(0, fill_ + gc_ns - mutator_ns);
  overflow_ += std::max<int64_t>(0, fill - capacity_);
  fill_ = std::min(fill, capacity_);
}

}  // namespace heapwise::runtime
