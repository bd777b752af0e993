// Lesson 15: tuning strategies. The service of workload.h under the load of load.h, with each setting of the
// tutorial's table.
#ifndef HEAPWISE_LESSONS_15_TUNING_STRATEGIES_LESSON_H_
#define HEAPWISE_LESSONS_15_TUNING_STRATEGIES_LESSON_H_

#include <cstdint>
#include <span>
#include <vector>

#include "lessons/15-tuning-strategies/strategies.h"
#include "lessons/15-tuning-strategies/workload.h"

// The load of the open loop: a request every 30 us, 33,000 a second.
inline constexpr int64_t kIntervalNs = 30'000;

// A request that is answered later than this after it was due is late.
inline constexpr int64_t kTargetNs = 500'000;

namespace slow {  // the setting that the tutorial advises for low latency
void StartService();
}
namespace fast {  // the setting that it advises for batch work
void StartService();
}

// The exercise: choose a setting by what the users of the service would feel.
namespace exercise {

// What a load tester noted of one setting. It sent a request, waited for the answer, and sent the next.
struct Trial {
  // Of each request: from when it was sent to when it was answered
  std::vector<int64_t> service_ns;
  int64_t peak_bytes;  // the most memory that the process held
};

// The latency that each request would have had if one had been due every interval_ns, the first at time 0, however long
// those before it took. The service handles one at a time, in order.
std::vector<int64_t> LatenciesAtRate(std::span<const int64_t> service_ns, int64_t interval_ns);

struct Need {
  int64_t interval_ns;   // a request is due this often
  int64_t target_ns;     // later than this is late
  int64_t budget_bytes;  // the memory that there is
};

// The index of the trial with the fewest late requests, of those that keep to the budget; of several the one with the
// least memory. -1 where none keeps to it.
int ChooseSetting(std::span<const Trial> trials, const Need& need);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_15_TUNING_STRATEGIES_LESSON_H_
