#include "heapwise/gc/cycle.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "heapwise/base/atomic_max.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/base/callback_list.h"
#include "heapwise/base/clock.h"
#include "heapwise/base/line_writer.h"
#include "heapwise/gc/fast_path.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/gctrace.h"
#include "heapwise/gc/log.h"
#include "heapwise/gc/settings.h"
#include "heapwise/gc/survivors.h"
#include "heapwise/gc/trigger.h"

namespace heapwise::runtime::internal {
namespace {

// The cycle that is under way, or the last one. Guarded by bdwgc's lock.
struct Cycle {
  bool open = false;
  bool stopped_once = false;
  bool stopped = false;
  bool marking = false;
  bool full = false;
  Collection collection;
  uint64_t stop_began = 0;
  uint64_t stopping_ns = 0;
  uint64_t mark_began = 0;
  uint64_t reclaim_began = 0;
};
constinit Cycle cycle;

// What others tell of it, or ask, without a lock.
struct Shared {
  std::atomic<bool> open{false};
  std::atomic<bool> next_is_forced{false};
  std::atomic<uint64_t> mark_step_ns{0};
  std::atomic<uint64_t> max_mark_step_ns{0};
};
constinit Shared shared;

constinit CallbackList start_callbacks;
constinit CallbackList mark_end_callbacks;
constinit CallbackList end_callbacks;
constinit CallbackList root_callbacks;
constinit GC_push_other_roots_proc push_bdwgcs_roots = nullptr;  // the stacks
uint64_t (*stack_meter)() = nullptr;                             // guarded by bdwgc's lock
constinit LineWriter gctrace_lines(STDERR_FILENO);
static_assert(kGctraceLineBytes <= LineWriter::kMaxLine);

void PrintGctrace(const Collection& collection) {
  char line[kGctraceLineBytes];
  const size_t length = FormatGctrace(collection, Totals().gc_cpu_fraction, Processors(), line);
  // bdwgc's lock is held: a full pipe loses the line, and does not hold up the program.
  gctrace_lines.Write(line, length);
}

void OpenCycle() {
  const bool full = cycle.full;  // said before
  cycle = Cycle{};
  cycle.full = full;
  cycle.open = true;
  shared.open.store(true);
  cycle.collection.start_s = SecondsSinceStart();
  cycle.collection.heap_before_bytes = heap_live.load();
  cycle.collection.goal_bytes = CurrentHeapGoal();
  NotePeak();
}

void CloseCycle() {
  Collection& c = cycle.collection;
  const Survivors survivors = CountSurvivors();
  const uint64_t now = MonotonicNanos();
  c.n = NumGc() + 1;
  c.kind = cycle.full ? "full" : "minor";
  cycle.full = false;
  c.forced = shared.next_is_forced.exchange(false);
  c.heap_after_bytes = survivors.bytes;
  c.sweep_ns = now - cycle.reclaim_began;
  c.concurrent_mark_ns = shared.mark_step_ns.exchange(0);
  c.max_pause_ns = std::max(c.max_pause_ns, shared.max_mark_step_ns.exchange(0));
  c.gc_cpu_ns = c.pause_ns * static_cast<uint64_t>(std::min(MarkerCount(), Processors())) +
                c.sweep_ns + c.concurrent_mark_ns;
  c.globals_bytes = GlobalsBytes();

  heap_live.fetch_sub(c.heap_before_bytes - std::min(c.heap_before_bytes, survivors.bytes));
  LogCollection(c, survivors.objects, now);
  end_callbacks.Run();
  UpdateTrigger();
  cycle.open = false;
  shared.open.store(false);
  if (Gctrace()) PrintGctrace(c);
}

// Comes before the events of a collection that is not only of what is young.
void OnFullCollection() { cycle.full = true; }

void OnEvent(GC_EventType event) {
  const uint64_t now = MonotonicNanos();
  Collection& c = cycle.collection;
  switch (event) {
    case GC_EVENT_PRE_STOP_WORLD:
      if (!cycle.open) OpenCycle();
      cycle.stop_began = now;
      break;
    case GC_EVENT_POST_STOP_WORLD:
      cycle.stopped = true;
      cycle.stopping_ns = now - cycle.stop_began;
      c.stop_ns += cycle.stopping_ns;
      if (!cycle.stopped_once) {
        cycle.stopped_once = true;
        // What was allocated while the threads came to a stop belongs to this cycle.
        c.heap_before_bytes = heap_live.load();
        NotePeak();
        if (stack_meter != nullptr) c.stack_bytes = stack_meter();
        start_callbacks.Run();
      }
      break;
    case GC_EVENT_MARK_START:
      cycle.mark_began = now;
      cycle.marking = true;
      break;
    case GC_EVENT_MARK_END:
      c.mark_ns += now - cycle.mark_began;
      cycle.marking = false;
      break;
    case GC_EVENT_PRE_START_WORLD:
      // A stop that has used up its time gives up marking without a MARK_END (alloc.c: GC_stopped_mark).
      if (cycle.marking) c.mark_ns += now - cycle.mark_began;
      cycle.marking = false;
      cycle.stopped = false;
      break;
    case GC_EVENT_POST_START_WORLD:
      c.pause_ns += now - cycle.stop_began;
      CollectionStops().Record(cycle.stopping_ns, now - cycle.stop_began);
      c.max_pause_ns = std::max(c.max_pause_ns, now - cycle.stop_began);
      break;
    case GC_EVENT_RECLAIM_START:
      cycle.reclaim_began = now;
      mark_end_callbacks.Run();
      break;
    case GC_EVENT_RECLAIM_END:
      if (cycle.open) CloseCycle();
      break;
    default:
      break;
  }
}

}  // namespace

void StartCycles() {
  FindMarks();
  push_bdwgcs_roots = GC_get_push_other_roots();
  GC_set_push_other_roots([] {
    root_callbacks.Run();
    if (push_bdwgcs_roots != nullptr) push_bdwgcs_roots();
  });
  GC_set_start_callback(OnFullCollection);
  GC_set_on_collection_event(OnEvent);
}

void NextIsForced() { shared.next_is_forced.store(true); }

bool CycleIsOpen() { return shared.open.load(std::memory_order_relaxed); }

bool MarkingInSteps() { return CycleIsOpen() && Incremental(); }

void NoteMarkStep(uint64_t ns) {
  shared.mark_step_ns.fetch_add(ns, std::memory_order_relaxed);
  RaiseTo(shared.max_mark_step_ns, ns);
  NotePause(ns);
}

void AtCollectionStart(void (*callback)()) { start_callbacks.Add(callback); }

void AtMarkEnd(void (*callback)()) { mark_end_callbacks.Add(callback); }

void AtCollectionEnd(void (*callback)()) { end_callbacks.Add(callback); }

void AtRootPushing(void (*callback)()) { root_callbacks.Add(callback); }

bool WorldIsStopped() { return cycle.stopped; }

void SetStackMeter(uint64_t (*meter)()) {
  const AllocLock lock;
  stack_meter = meter;
}

}  // namespace heapwise::runtime::internal
