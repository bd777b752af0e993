#ifndef HEAPWISE_GC_PACER_H_
#define HEAPWISE_GC_PACER_H_

#include <cstdint>
#include <limits>

// When the next collection is due, by the formulas of Go 1.27. Pure arithmetic: no collector, no
// clock, no state. All sizes are bytes. Sums that would not fit saturate instead of wrapping
// around.
namespace heapwise::runtime {

inline constexpr uint64_t kNoHeapGoal = std::numeric_limits<uint64_t>::max();
inline constexpr uint64_t kDefaultHeapMinimum = uint64_t{4} << 20;      // mgcpacer.go:59
inline constexpr uint64_t kMinHeapDistance = uint64_t{1} << 20;         // mgc.go:154
inline constexpr uint64_t kMinMemoryLimitHeadroom = uint64_t{1} << 20;  // mgcpacer.go:70
inline constexpr uint64_t kMemoryLimitHeadroomPercent = 3;              // mgcpacer.go:75

// The least goal at this percentage: 4 MiB * gc_percent / 100 (mgcpacer.go:1343). Negative (off):
// kNoHeapGoal.
uint64_t HeapMinimum(int gc_percent);

// The goal for a heap of which heap_marked survived the last collection (mgcpacer.go:1290):
//   heap_marked + (heap_marked + stack_bytes + globals_bytes) * gc_percent / 100, but at least
//   HeapMinimum.
// Negative gc_percent (off): kNoHeapGoal.
uint64_t HeapGoal(int gc_percent, uint64_t heap_marked, uint64_t stack_bytes,
                  uint64_t globals_bytes);

// The live heap at which to start collecting so as to stay under goal (mgcpacer.go:1188). Go
// subtracts from the goal what the program will allocate while the collector runs beside it, within
// bounds; ours stops the program, so that leaves the upper bound: 61/64 of the way from heap_marked
// to goal, or 4 MiB below goal where that is later. goal itself when heap_marked has reached it;
// kNoHeapGoal when there is no goal.
uint64_t Trigger(uint64_t goal, uint64_t heap_marked);

// The same for a memory limit's goal in incremental mode, where the program goes on allocating while bdwgc marks: a tenth
// of what lives (it marks ten blocks for each that is allocated, GC_RATE), and another tenth of the heap until it is
// done, as measured with live heaps of 1 to 64 MiB. All of the heap may be alive. Ours:
//   10/12 of goal,
// but at least an eighth above heap_marked, and kMinHeapDistance: a limit that close is rather passed.
uint64_t IncrementalLimitTrigger(uint64_t goal, uint64_t heap_marked);

// What the memory-limit goal looks at.
struct MemoryUse {
  uint64_t mapped_ready;  // mapped and not returned to the system: Sys - HeapReleased
  uint64_t heap_free;     // of that, wholly free heap blocks
  uint64_t heap_alloc;  // of that, bytes of heap objects, dead ones that are not yet swept included
  uint64_t heap_marked;  // bytes that survived the last collection
};

// The goal that keeps use.mapped_ready under memory_limit (mgcpacer.go:1046):
//   room = limit - (mapped_ready - heap_free - heap_alloc) - max(mapped_ready - limit, 0)
//   room less a headroom of 3 %, or of 1 MiB where that is more,
// at least the headroom and at least heap_marked; heap_marked when nothing is left of the limit.
// INT64_MAX, which means no limit, is a limit as any other: it gives 2^63 * 0.97, as in Go.
// Precondition: memory_limit >= 0.
uint64_t MemoryLimitHeapGoal(int64_t memory_limit, const MemoryUse& use);

// Whether the GC CPU limiter has a say in a collection at this live heap. It has none in what GOGC asks for, nor where
// the memory limit leaves as much room as GOGC=60 would: such collections cost a bounded amount for each byte
// allocated. It is there for the limit that leaves less. The triggers are those of the two goals.
bool LimiterApplies(uint64_t live, uint64_t percent_trigger, uint64_t limit_trigger,
                    uint64_t heap_marked);

// A collection that the limiter puts off is asked for again after this many more bytes. Ours; Go has no counterpart.
inline constexpr uint64_t kLimiterRetryBytes = uint64_t{256} << 10;

}  // namespace heapwise::runtime

#endif  // HEAPWISE_GC_PACER_H_
