#ifndef HEAPWISE_GC_COLLECTOR_H_
#define HEAPWISE_GC_COLLECTOR_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

// The one place that drives bdwgc: starts it with its own pacing off, decides by Go's formulas when
// to collect, and turns its events into Collections. Internal to the library, except for the
// collector's mode.
namespace heapwise::runtime {

// How the collector works. Which one runs is also in HeapCounters, gctrace and every recorded
// result.
enum class Mode {
  kStopTheWorld,  // one thread marks, the program stands still
  kParallel,  // the program stands still, several threads mark (the default where there are several
              // CPUs)
  kIncremental,  // generational; marking in steps at allocations, one thread; short stops
};

Mode CurrentMode();
const char* ModeName(Mode mode);  // "stop-the-world", "parallel", "incremental"

// Threads that mark: 1 in the stop-the-world and incremental modes. The environment variable
// GC_MARKERS (bdwgc's own) sets it; the default is one for each processor. After a fork the child has
// one, until its first collection starts the others again.
int Markers();

// Switches to the incremental mode for the rest of the process. No stop and no marking step should
// take longer than pause_target: a target, not a bound, as bdwgc must finish a cycle that keeps
// missing it. Call it before the heap grows. Marking is not parallel in this mode (bdwgc issue
// 545). Precondition: at least 1 ms.
void EnableIncremental(std::chrono::milliseconds pause_target);

namespace internal {

// Up to four functions, called in the order in which they were added. Any thread may add one while
// another runs them.
class CallbackList {
 public:
  void Add(void (*callback)());
  void Run() const;

 private:
  std::atomic<void (*)()> callbacks_[4] = {};
};

// Idempotent and thread-safe. Runs before main, so that the first thread the collector sees is the
// main one.
void InitCollector();

// The live heap: survivors of the last collection plus everything allocated since, in bytes of
// objects.
extern std::atomic<uint64_t> heap_live;
// While heap_live stays below this, no collection can be due. 0 while a memory limit or the
// incremental mode makes each batch ask.
extern std::atomic<uint64_t> check_threshold;

void CollectIfDueSlow(uint64_t upcoming);

// Called before `upcoming` bytes are allocated; collects when they would carry the live heap to its
// goal. The calling thread must be registered with the collector and must not hold the allocation
// lock.
inline void CollectIfDue(uint64_t upcoming) {
  if (heap_live.load(std::memory_order_relaxed) + upcoming <
      check_threshold.load(std::memory_order_relaxed)) {
    return;
  }
  CollectIfDueSlow(upcoming);
}

// Called after bytes were allocated. A collection that another thread makes in between counts them
// twice, until the next one corrects it.
inline void AccountAllocation(uint64_t bytes) {
  heap_live.fetch_add(bytes, std::memory_order_relaxed);
}

// A full collection now, counted as forced; returns when it is complete. Runs due finalizers.
void ForceCollection();

// Controls; see debug.h.
int ExchangeGcPercent(int percent);
int64_t ExchangeMemoryLimit(int64_t limit);
void ReleaseFreeMemory();

// The goal in force now: the smaller of the percentage's and the memory limit's. Any thread.
uint64_t CurrentHeapGoal();

// What the collections so far have added up to. Each field is exact; read one after the other.
struct CollectorTotals {
  uint64_t num_gc;
  uint64_t num_forced;
  uint64_t pause_total_ns;
  uint64_t max_pause_ns;  // the longest time that a thread was held up since Init
  uint64_t gc_cpu_ns;
  uint64_t heap_marked;     // bytes that survived the last collection
  uint64_t objects_marked;  // objects that did; 0 in incremental mode, which does not count them
  uint64_t last_gc_unix_ns;
  double gc_cpu_fraction;  // gc_cpu_ns / (time since Init * processors), as of the last collection
  bool limiting;           // the GC CPU limiter holds collections back now
  uint64_t limited;        // collections that it has put off
};
CollectorTotals Totals();

// The last up to 256 pauses and their ends, indexed by collection number % 256 as in Go's MemStats.
void CopyPauses(uint64_t (&pause_ns)[256], uint64_t (&pause_end_unix_ns)[256]);

// Whether an incremental cycle is under way, so that bdwgc marks a step in each of its allocations.
// Who waited for a step reports its length.
bool MarkingInSteps();
void NoteMarkStep(uint64_t ns);

// Registers a function that every collection calls once, at its start, with the world stopped and
// the allocation lock held: it may only move pointers. At most four, before main.
void AtCollectionStart(void (*callback)());

// Registers a function that the child calls after a fork (see collector.cc): it has one thread, the one that forked, no
// lock is held, and what the other threads were in the middle of stays as it was. At most four, before main.
void AtForkChild(void (*callback)());

// Stack bytes in use by all threads, as of their last visit to the allocator's slow path. Called by
// the collector with the world stopped; set by the layer that knows the threads.
void SetStackMeter(uint64_t (*meter)());

// The period after which a collection is forced: two minutes, as in Go (proc.go:5125). For tests. The
// child of a fork forces none before the first collection of its own.
void SetForcePeriod(std::chrono::nanoseconds period);

}  // namespace internal
}  // namespace heapwise::runtime

#endif  // HEAPWISE_GC_COLLECTOR_H_
