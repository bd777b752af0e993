// Lesson 11: the memory limit. The service of workload.h is started twice, without a limit and with
// one. The requests are the same.
#ifndef HEAPWISE_LESSONS_11_MEMORY_LIMIT_LESSON_H_
#define HEAPWISE_LESSONS_11_MEMORY_LIMIT_LESSON_H_

#include <cstdint>
#include <limits>
#include <string>

#include "lessons/11-memory-limit/workload.h"

// The memory that the service may take: one and a half times what lives in it.
inline constexpr int64_t kBudgetBytes = kLiveBytes / 2 * 3;

// What SetMemoryLimit returns when there is no limit. Go: math.MaxInt64.
inline constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

namespace slow {  // no limit: the heap doubles, whatever the budget
void StartService();
}
namespace fast {  // a limit, and no percentage: the heap fills the budget
void StartService();
}

// "no memory limit", or such as "memory limit: 24 MiB"; changes nothing.
std::string DescribeMemoryLimit();

// The exercise: a limit for a container.
namespace exercise {

// The limit, in bytes, for a process in a container of container_bytes that needs other_bytes for
// what the collector does not count: its code, malloc, and so on. Where old_limit is lower, someone
// set it with care: that one. 0 where nothing is left for the collector.
int64_t MemoryLimitFor(int64_t container_bytes, int64_t other_bytes, int64_t old_limit);

// Starts the service under that limit and without a GC percentage. Where the limit is less than one
// and a half times kLiveBytes the service would do little but collect: then nothing is started, no
// setting changes, and the answer is false.
bool StartServiceIn(int64_t container_bytes, int64_t other_bytes);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_11_MEMORY_LIMIT_LESSON_H_
