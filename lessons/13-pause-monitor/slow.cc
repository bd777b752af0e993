#include "lessons/13-pause-monitor/lesson.h"

namespace slow {

// One number for all pauses since the process started.
Report Look(const MemStats& stats, uint32_t /*seen*/) {
  const uint64_t average_ns = stats.PauseTotalNs / stats.NumGC;
  return {.pauses = stats.NumGC, .pause_ns = average_ns, .alert = average_ns > kTargetNs};
}

}  // namespace slow
