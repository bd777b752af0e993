// Known wrong: two ways to keep alive what nobody will use again, each beside its cure. All four write a report of
// kReportBytes on a thread that ends, so that no register and no old word of the caller's stack leads to it, and are done
// with it.
#ifndef HEAPWISE_LESSONS_14_LEAKS_AND_OOM_RETAINED_H_
#define HEAPWISE_LESSONS_14_LEAKS_AND_OOM_RETAINED_H_

#include <cstdint>
#include <span>

#include "heapwise/heap.h"

inline constexpr int64_t kReportBytes = 8 << 20;

// A stack of reports, from which the only one was taken.
void PopReport();          // its slot still points to the report
void PopReportAndClear();  // the slot is null

// A log that notes the address of the report, as a number.
void LogInScannedMemory();      // the collector takes the number for a pointer
void LogInPointerFreeMemory();  // the collector does not look at it

struct Line {
  uint64_t time;
  uint64_t id;
};
struct PointerFreeLine {
  uint64_t time;
  uint64_t id;
};
template <>
inline constexpr bool heapwise::runtime::kIsPointerFree<PointerFreeLine> = true;

// What was logged, in static data: roots.
extern std::span<Line> scanned_log;
extern std::span<PointerFreeLine> pointer_free_log;

#endif  // HEAPWISE_LESSONS_14_LEAKS_AND_OOM_RETAINED_H_
