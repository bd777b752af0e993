// Lesson 13: a monitor that looks at a service once a minute and says whether its pauses are too long. Slow
// and fast see the same statistics; what they make of them is all that differs.
#ifndef HEAPWISE_LESSONS_13_PAUSE_MONITOR_LESSON_H_
#define HEAPWISE_LESSONS_13_PAUSE_MONITOR_LESSON_H_

#include <array>
#include <cstdint>

#include "heapwise/mem_stats.h"
#include "lessons/13-pause-monitor/workload.h"

using heapwise::runtime::MemStats;

// What a monitor says after a look.
struct Report {
  uint32_t pauses = 0;    // that it judged by
  uint32_t missed = 0;    // new since the last look, but gone from the ring
  uint64_t p99_ns = 0;    // 99th percentile, where the monitor works one out
  uint64_t pause_ns = 0;  // the number that it shows, and holds against kTargetNs
  bool alert = false;
};

// Look judges the pauses of a process. `stats` is from ReadMemStats just now, `seen` is NumGC of the look
// before, 0 when there was none. Pure functions: a caller keeps `seen`.
namespace slow {  // the average of all pauses; precondition: stats.NumGC > 0
Report Look(const MemStats& stats, uint32_t seen);
}
namespace fast {  // percentile and maximum of the pauses that are new
Report Look(const MemStats& stats, uint32_t seen);
}

// The exercise: every pause of a process, however many looks it took to see them.
namespace exercise {

class PauseHistogram {
 public:
  // Adds the pauses that are new in `stats` since the call before, each of them once. Those that the ring has
  // lost are counted as missed.
  void Add(const MemStats& stats);

  uint64_t count() const;  // pauses added
  uint64_t missed() const { return missed_; }

  // The bucket in which this percentile (1 to 100, nearest rank) lies, as its upper edge in nanoseconds: a
  // power of two, over the pause by a factor of at most 2. 0 while there is no pause.
  uint64_t Percentile(int percent) const;

 private:
  // Bucket b counts the pauses from 2^(b-1) to 2^b - 1 ns; std::bit_width(pause) is b.
  std::array<uint64_t, 65> buckets_ = {};
  uint32_t seen_ = 0;  // NumGC of the call before
  uint64_t missed_ = 0;
};

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_13_PAUSE_MONITOR_LESSON_H_
