#include "heapwise/mem_stats.h"
#include "lessons/01-gc-metrics/lesson.h"

namespace runtime = heapwise::runtime;

namespace slow {

uint64_t Handle(uint64_t request, Dashboard& dashboard) {
  const uint64_t answer = Answer(request);
  runtime::MemStats stats;
  runtime::ReadMemStats(&stats);  // stops every other thread until all numbers are read
  dashboard.Show(stats);
  return answer;
}

}  // namespace slow
