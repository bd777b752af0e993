// Lesson 10: the GC percentage. The service of workload.h is started twice, with a low percentage
// and with a high one. The requests are the same.
#ifndef HEAPWISE_LESSONS_10_GC_PERCENT_LESSON_H_
#define HEAPWISE_LESSONS_10_GC_PERCENT_LESSON_H_

#include <cstdint>

#include "lessons/10-gc-percent/workload.h"

namespace slow {  // collect once the heap has grown by half of what lives
void StartService();
}
namespace fast {  // collect once the heap has grown by twice what lives
void StartService();
}

// The exercise: the right percentage for a memory budget.
namespace exercise {

// The highest GC percentage whose heap goal stays within budget_bytes, for a heap of which
// live_bytes survive a collection and are reached from root_bytes (not 0) of stacks and globals.
// Never less than 1.
int GCPercentFor(uint64_t live_bytes, uint64_t root_bytes, uint64_t budget_bytes);

// Starts the service so that its heap stays within budget_bytes. Returns the percentage that it
// set.
int StartServiceWithin(uint64_t budget_bytes);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_10_GC_PERCENT_LESSON_H_
