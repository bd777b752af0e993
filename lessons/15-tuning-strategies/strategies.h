// The other two strategies of the tutorial's table; slow.cc and fast.cc have SetGCPercent(50) and SetGCPercent(200).
#ifndef HEAPWISE_LESSONS_15_TUNING_STRATEGIES_STRATEGIES_H_
#define HEAPWISE_LESSONS_15_TUNING_STRATEGIES_STRATEGIES_H_

#include <cstdint>

// The memory that a container leaves to the collector: 11 MiB, 1.8 times what lives in the rush.
inline constexpr int64_t kLimitBytes = 11 << 20;

namespace strategies {

void StartDefault();    // GOGC=100 and no limit
void StartWithLimit();  // GOGC=100 and kLimitBytes

}  // namespace strategies

#endif  // HEAPWISE_LESSONS_15_TUNING_STRATEGIES_STRATEGIES_H_
