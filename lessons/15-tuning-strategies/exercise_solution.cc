#include <algorithm>
#include <utility>

#include "lessons/15-tuning-strategies/lesson.h"
#include "lessons/15-tuning-strategies/load.h"

namespace exercise {

std::vector<int64_t> LatenciesAtRate(std::span<const int64_t> service_ns, int64_t interval_ns) {
  std::vector<int64_t> latencies;
  int64_t due = 0;
  int64_t free = 0;  // when the service is done with those before
  for (const int64_t service : service_ns) {
    free = std::max(due, free) + service;
    latencies.push_back(free - due);
    due += interval_ns;
  }
  return latencies;
}

int ChooseSetting(std::span<const Trial> trials, const Need& need) {
  int best = -1;
  std::pair<int64_t, int64_t> least;  // late requests, and where they are as many, memory
  for (int i = 0; i < static_cast<int>(trials.size()); ++i) {
    if (trials[i].peak_bytes > need.budget_bytes) continue;
    const auto latencies = LatenciesAtRate(trials[i].service_ns, need.interval_ns);
    const std::pair cost(CountLate(latencies, need.target_ns), trials[i].peak_bytes);
    if (best < 0 || cost < least) {
      best = i;
      least = cost;
    }
  }
  return best;
}

}  // namespace exercise
