#include "heapwise/gc/collector.h"

#include <link.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/base/fatal.h"
#include "heapwise/base/line_writer.h"
#include "heapwise/base/signals.h"
#include "heapwise/gc/cpu_limiter.h"
#include "heapwise/gc/environment.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/gctrace.h"
#include "heapwise/gc/heap_memory.h"
#include "heapwise/gc/pacer.h"

namespace heapwise::runtime {
namespace internal {

constinit std::atomic<uint64_t> heap_live{0};
constinit std::atomic<uint64_t> check_threshold{0};

namespace {

// Incremental mode: generational cycles between two full ones (bdwgc's default), and about how many
// bytes bdwgc marks for each one that is allocated (GC_RATE blocks for each block).
constexpr int kPartialCycles = 19;
constexpr uint64_t kMarkRate = 10;

constinit std::atomic<int> gc_percent{100};
constinit std::atomic<int64_t> memory_limit{kNoMemoryLimit};
constinit std::atomic<bool> incremental{false};
constinit std::atomic<int> markers{1};

// Written at the end of a collection (allocation lock held), read by anyone.
constinit std::atomic<uint64_t> heap_marked{0};
constinit std::atomic<uint64_t> objects_marked{0};
constinit std::atomic<uint64_t> stack_bytes{0};
constinit std::atomic<uint64_t> globals_bytes{0};
constinit std::atomic<uint64_t> percent_goal{kDefaultHeapMinimum};
constinit std::atomic<uint64_t> percent_trigger{kDefaultHeapMinimum};
constinit std::atomic<uint64_t> num_gc{0};
constinit std::atomic<uint64_t> num_forced{0};
constinit std::atomic<uint64_t> pause_total_ns{0};
constinit std::atomic<uint64_t> max_pause_ns{0};
constinit std::atomic<uint64_t> gc_cpu_ns{0};
constinit std::atomic<uint64_t> last_gc_unix_ns{0};
constinit std::atomic<uint64_t> last_gc_mono_ns{0};
constinit std::atomic<double> gc_cpu_fraction{0};
constinit std::atomic<uint64_t> peak_heap{0};
constinit std::atomic<bool> limiting{false};
constinit std::atomic<uint64_t> limited{0};

// Guarded by the allocation lock.
struct Cycle {
  bool open = false;
  bool stopped_once = false;
  bool marking = false;
  Collection collection;
  uint64_t stop_began = 0;
  uint64_t mark_began = 0;
  uint64_t reclaim_began = 0;
};
constinit Cycle cycle;
constinit uint64_t pauses[256] = {};
constinit uint64_t pause_ends[256] = {};
constinit std::atomic<bool> cycle_open{false};
constinit std::atomic<bool> next_is_forced{false};
constinit std::atomic<uint64_t> mark_step_ns{0};
constinit std::atomic<uint64_t> max_mark_step_ns{0};
constinit bool full_cycle = false;

CollectionRing* ring = nullptr;

int gctrace = 0;
constinit LineWriter gctrace_lines(STDERR_FILENO);
static_assert(kGctraceLineBytes <= LineWriter::kMaxLine);
constinit CallbackList start_callbacks;
constinit CallbackList fork_child_callbacks;
uint64_t (*stack_meter)() = nullptr;

// Locks, in the order in which a thread may take them:
//   collect_mutex                serialises the decision to collect; held while collecting, never taken in a callback
//   Forcer::mutex                for a moment; nothing is called under it
//   bdwgc's allocation lock      AllocLock; bdwgc's own locks come under it
//   the heap profiler's mutex    pprof/sampler.cc; nothing of bdwgc's is called under it
// The rest of the library (thread heaps, pools, weak pointers, the log) has the allocation lock or none.
//
// A fork takes them in this order, so that none is held by a thread that the child does not have: ours by
// pthread_atfork in HandleForks, the others by bdwgc and by the profiler, whose handlers were registered before (the
// last one registered goes first). Forcer::mutex is made anew instead, with the condition that its thread waited on.
std::mutex collect_mutex;
constinit CpuLimiter* limiter = nullptr;           // guarded by collect_mutex
constinit uint64_t limiter_updated_ns = 0;         // the time up to which the limiter knows
constinit uint64_t last_collection_ns = 0;         // what the last collection took
constinit std::atomic<uint64_t> put_off_until{0};  // no collection before heap_live reaches this

// What the thread that forces collections waits on. Never destroyed: that thread outlives main.
struct Forcer {
  std::mutex mutex;
  std::condition_variable changed;
  std::chrono::nanoseconds period = std::chrono::minutes(2);  // guarded by mutex
  uint64_t changes = 0;  // of what it goes by; guarded by mutex

  // After a change; the next wait takes it into account, whether the thread is waiting now or not.
  void Notify() {
    ++changes;
    changed.notify_all();
  }
};
Forcer* forcer = nullptr;
// The threads that mark, and the one that forces; guarded by collect_mutex.
constinit bool has_helpers = false;

void RaiseTo(std::atomic<uint64_t>& maximum, uint64_t value) {
  uint64_t seen = maximum.load(std::memory_order_relaxed);
  while (seen < value && !maximum.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

uint64_t GlobalsBytes() {
  uint64_t bytes = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* sum) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr)& segment = info->dlpi_phdr[i];
          if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0) {
            *static_cast<uint64_t*>(sum) += segment.p_memsz;
          }
        }
        return 0;
      },
      &bytes);
  return bytes;
}

// Recomputed after each collection and each change of a setting.
void Commit() {
  const int percent = gc_percent.load();
  const uint64_t marked = heap_marked.load();
  uint64_t goal = HeapGoal(percent, marked, stack_bytes.load(), globals_bytes.load());
  uint64_t trigger = Trigger(goal, marked);
  if (num_gc.load() > 0) {
    // Go's sweeper needs this distance (mgcpacer.go:1263); it also bounds what GOGC=0 costs.
    goal = std::max(goal, marked + kMinHeapDistance);
    trigger = std::max(trigger, marked + kMinHeapDistance);
  }
  if (incremental.load()) {
    // Marking goes on while the program allocates this much.
    trigger = std::max(marked + kMinHeapDistance, trigger - std::min(trigger, marked / kMarkRate));
  }
  percent_goal.store(goal);
  percent_trigger.store(trigger);
  const bool ask_always = memory_limit.load() != kNoMemoryLimit || incremental.load();
  check_threshold.store(ask_always ? 0 : trigger);
}

uint64_t MemoryLimitGoal() {
  const int64_t limit = memory_limit.load(std::memory_order_relaxed);
  if (limit == kNoMemoryLimit) return kNoHeapGoal;
  const uint64_t mapped = GC_get_obtained_from_os_bytes() - GC_get_unmapped_bytes();
  return MemoryLimitHeapGoal(limit, {.mapped_ready = mapped,
                                     .heap_free = GC_get_free_bytes(),
                                     .heap_alloc = heap_live.load(std::memory_order_relaxed),
                                     .heap_marked = heap_marked.load(std::memory_order_relaxed)});
}

uint64_t MemoryLimitTrigger() {
  return Trigger(MemoryLimitGoal(), heap_marked.load(std::memory_order_relaxed));
}

struct Survivors {
  uint64_t bytes = 0;
  uint64_t objects = 0;
};

void CountSurvivor(void*, size_t bytes, void* sum) {
  auto* survivors = static_cast<Survivors*>(sum);
  survivors->bytes += bytes;
  ++survivors->objects;
}

void OpenCycle() {
  cycle = Cycle{};
  cycle.open = true;
  cycle_open.store(true);
  cycle.collection.start_s = SecondsSinceStart();
  cycle.collection.heap_before_bytes = heap_live.load();
  cycle.collection.goal_bytes = CurrentHeapGoal();
  RaiseTo(peak_heap, cycle.collection.heap_before_bytes);
}

void CloseCycle() {
  Collection& c = cycle.collection;
  Survivors survivors;
  if (incremental.load()) {
    // Counting would hold up the program for longer than the stops do: an upper bound instead.
    survivors.bytes =
        std::min<uint64_t>(c.heap_before_bytes, GC_get_heap_size() - GC_get_free_bytes());
  } else {
    GC_enumerate_reachable_objects_inner(CountSurvivor, &survivors);
  }
  const uint64_t now = MonotonicNanos();
  c.n = num_gc.load() + 1;
  c.kind = full_cycle ? "full" : "minor";
  full_cycle = false;
  c.forced = next_is_forced.exchange(false);
  c.heap_after_bytes = survivors.bytes;
  c.sweep_ns = now - cycle.reclaim_began;
  c.concurrent_mark_ns = mark_step_ns.exchange(0);
  c.max_pause_ns = std::max(c.max_pause_ns, max_mark_step_ns.exchange(0));
  c.gc_cpu_ns = c.pause_ns * static_cast<uint64_t>(std::min(markers.load(), Processors())) +
                c.sweep_ns + c.concurrent_mark_ns;
  c.globals_bytes = globals_bytes.load();

  heap_live.fetch_sub(c.heap_before_bytes - std::min(c.heap_before_bytes, survivors.bytes));
  heap_marked.store(survivors.bytes);
  objects_marked.store(survivors.objects);
  stack_bytes.store(c.stack_bytes);
  pause_total_ns.fetch_add(c.pause_ns);
  RaiseTo(max_pause_ns, c.max_pause_ns);
  gc_cpu_ns.fetch_add(c.gc_cpu_ns);
  last_gc_unix_ns.store(UnixNanos());
  last_gc_mono_ns.store(now);
  const double available = static_cast<double>(now - ProcessStartNanos()) * Processors();
  gc_cpu_fraction.store(static_cast<double>(gc_cpu_ns.load()) / available);
  pauses[(c.n - 1) % 256] = c.pause_ns;
  pause_ends[(c.n - 1) % 256] = last_gc_unix_ns.load();
  ring->Add(c);
  if (c.forced) num_forced.fetch_add(1);
  num_gc.store(c.n);
  Commit();
  cycle.open = false;
  cycle_open.store(false);
  if (gctrace > 0) {
    char line[kGctraceLineBytes];
    const size_t length =
        FormatGctrace(c, gc_cpu_fraction.load(), Processors(), markers.load(), line);
    // The allocation lock is held: a full pipe loses the line, and does not hold up the program.
    gctrace_lines.Write(line, length);
  }
}

void OnFullCollection() { full_cycle = true; }

void OnEvent(GC_EventType event) {
  const uint64_t now = MonotonicNanos();
  Collection& c = cycle.collection;
  switch (event) {
    case GC_EVENT_PRE_STOP_WORLD:
      if (!cycle.open) OpenCycle();
      cycle.stop_began = now;
      break;
    case GC_EVENT_POST_STOP_WORLD:
      c.stop_ns += now - cycle.stop_began;
      if (!cycle.stopped_once) {
        cycle.stopped_once = true;
        // What was allocated while the threads came to a stop belongs to this cycle.
        c.heap_before_bytes = heap_live.load();
        RaiseTo(peak_heap, c.heap_before_bytes);
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
      break;
    case GC_EVENT_POST_START_WORLD:
      c.pause_ns += now - cycle.stop_began;
      c.max_pause_ns = std::max(c.max_pause_ns, now - cycle.stop_began);
      break;
    case GC_EVENT_RECLAIM_START:
      cycle.reclaim_began = now;
      break;
    case GC_EVENT_RECLAIM_END:
      if (cycle.open) CloseCycle();
      break;
    default:
      break;
  }
}

void* OutOfMemory(size_t bytes) {
  Fatal("fatal error: out of memory: cannot allocate %zu bytes (%zu in use)\n", bytes,
        static_cast<size_t>(heap_live.load()));
}

// Returns when a collection is due because there was none for a while.
void WaitUntilForced() {
  std::unique_lock lock(forcer->mutex);
  while (true) {
    const auto since = std::chrono::nanoseconds(MonotonicNanos() - last_gc_mono_ns.load());
    const bool off = gc_percent.load() < 0;
    if (!off && since >= forcer->period) return;
    const auto changed = [seen = forcer->changes] { return forcer->changes != seen; };
    if (off) {
      forcer->changed.wait(lock, changed);
    } else {
      forcer->changed.wait_for(lock, forcer->period - since, changed);
    }
  }
}

// Go's sysmon forces a collection when there was none for two minutes (mgc.go:565). The thread
// sleeps unregistered, so that no stop of the world waits for it.
void ForceCollections() {
  while (true) {
    WaitUntilForced();
    GC_stack_base base;
    GC_get_stack_base(&base);
    GC_register_my_thread(&base);
    ForceCollection();
    GC_unregister_my_thread();
  }
}

// Starts the threads of the library's own where there are none. collect_mutex held.
void StartHelpers() {
  if (has_helpers) return;
  has_helpers = true;
  if (!incremental.load()) {
    GC_start_mark_threads();
    markers.store(GC_get_parallel() + 1);
  }
  const internal::ProgramSignalsBlocked blocked;
  try {
    std::thread(ForceCollections).detach();
  } catch (const std::system_error&) {
    // No thread to be had: none is forced then, as bdwgc marks alone where it gets none.
  }
}

// See collect_mutex for the locks. The child starts its helpers with its first collection: most children run another
// program, or end soon.
void HandleForks() {
  const auto unlock = [] { collect_mutex.unlock(); };
  const auto in_the_child = [] {
    markers.store(1);
    has_helpers = false;
    const auto period = forcer->period;
    forcer = new (forcer) Forcer;
    forcer->period = period;
    collect_mutex.unlock();
    fork_child_callbacks.Run();
  };
  pthread_atfork([] { collect_mutex.lock(); }, unlock, in_the_child);
}

void ReadEnvironment() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  gc_percent.store(ParseGogc(variable("GOGC")));
  const std::optional<int64_t> limit = ParseGomemlimit(variable("GOMEMLIMIT"));
  if (!limit) {
    Fatal(
        "GOMEMLIMIT=%s\nfatal error: malformed GOMEMLIMIT; expected bytes, or a number with B, "
        "KiB, MiB, GiB or TiB, or off\n",
        std::getenv("GOMEMLIMIT"));
  }
  memory_limit.store(*limit);
  gctrace = ParseGodebug(variable("GODEBUG"), "gctrace");
  if (ParseGodebug(variable("GODEBUG"), "disablethp") != 0) UseSmallPages();
}

void InitOnce() {
  ReadEnvironment();
  ring = new CollectionRing(CollectionLog::kCapacity);
  limiter = new CpuLimiter(Processors());
  limiter_updated_ns = MonotonicNanos();
  GC_set_handle_fork(1);
  GC_set_finalize_on_demand(1);
  // bdwgc would take every processor of the machine. The environment variable GC_MARKERS still prevails.
  GC_set_markers_count(static_cast<unsigned>(Processors()));
  GC_INIT();
  GC_set_oom_fn(OutOfMemory);
  GC_set_warn_proc(GC_ignore_warn_proc);
  GC_set_disable_automatic_collection(1);
  GC_set_allocd_bytes_per_finalizer(0);
  GC_set_free_space_divisor(64);
  globals_bytes.store(GlobalsBytes());
  last_gc_mono_ns.store(MonotonicNanos());
  GC_set_start_callback(OnFullCollection);
  GC_set_on_collection_event(OnEvent);
  GC_allow_register_threads();
  Commit();
  forcer = new Forcer;
  HandleForks();
  std::lock_guard lock(collect_mutex);
  StartHelpers();
}

// Tells the limiter of the time since the last update, in which no collection ran. collect_mutex
// held.
void UpdateLimiter() {
  const uint64_t now = MonotonicNanos();
  limiter->Accumulate(static_cast<int64_t>(now - limiter_updated_ns) * Processors(), 0);
  limiter_updated_ns = now;
  limiting.store(limiter->limiting());
}

// Tells the limiter of the collection that has just ended. collect_mutex held.
void ChargeCollection() {
  const uint64_t now = MonotonicNanos();
  last_collection_ns = now - limiter_updated_ns;
  limiter->Accumulate(0, static_cast<int64_t>(last_collection_ns) * Processors());
  limiter_updated_ns = now;
  limiting.store(limiter->limiting());
}

// Overwrites what earlier calls left on the stack below this frame. The collector's own frames come
// to lie there, and it scans them: stale words would retain garbage.
[[gnu::noinline]] void ClearDeadStack() {
  char dead[4096];
  std::memset(dead, 0, sizeof dead);
  asm volatile("" : : "r"(dead) : "memory");
}

void Collect() {
  ClearDeadStack();
  GC_gcollect();
  ChargeCollection();
}

// Marks until no incremental cycle is under way, in steps between which other threads run.
void FinishIncrementalCycle() {
  while (GC_collect_a_little() != 0) {
  }
}

void SetFullFrequency(int partial_cycles) {
  const AllocLock lock;
  GC_set_full_freq(partial_cycles);
}

void InvokeFinalizers() {
  if (GC_should_invoke_finalizers() != 0) GC_invoke_finalizers();
}

}  // namespace

void CallbackList::Add(void (*callback)()) {
  for (auto& slot : callbacks_) {
    void (*empty)() = nullptr;
    if (slot.compare_exchange_strong(empty, callback)) return;
  }
  std::abort();
}

void CallbackList::Run() const {
  for (const auto& slot : callbacks_) {
    if (void (*const callback)() = slot.load()) callback();
  }
}

void InitCollector() {
  static const bool done = (InitOnce(), true);
  (void)done;
}

namespace {
const bool initialised_before_main = (InitCollector(), true);
}

uint64_t CurrentHeapGoal() {
  return std::min(percent_goal.load(std::memory_order_relaxed), MemoryLimitGoal());
}

void CollectIfDueSlow(uint64_t upcoming) {
  const auto due = [upcoming] {
    const uint64_t next = heap_live.load(std::memory_order_relaxed) + upcoming;
    return next >= percent_trigger.load(std::memory_order_relaxed) ||
           (next >= MemoryLimitTrigger() && next >= put_off_until.load(std::memory_order_relaxed));
  };
  if (cycle_open.load(std::memory_order_relaxed) || !due()) return;
  {
    std::lock_guard lock(collect_mutex);
    if (cycle_open.load() || !due()) return;
    StartHelpers();
    if (incremental.load()) {
      GC_start_incremental_collection();
      return;
    }
    UpdateLimiter();
    const uint64_t next = heap_live.load() + upcoming;
    if (LimiterApplies(next, percent_trigger.load(), MemoryLimitTrigger(), heap_marked.load()) &&
        limiter->WouldFill(static_cast<int64_t>(last_collection_ns) * Processors())) {
      put_off_until.store(next + kLimiterRetryBytes);
      limited.fetch_add(1);
      return;
    }
    put_off_until.store(0);
    Collect();
  }
  InvokeFinalizers();
}

void ForceCollection() {
  {
    std::lock_guard lock(collect_mutex);
    StartHelpers();
    UpdateLimiter();
    if (incremental.load()) {
      FinishIncrementalCycle();
      // Whole, not only what is young: none but full cycles for a moment.
      SetFullFrequency(0);
      next_is_forced.store(true);
      GC_start_incremental_collection();
      FinishIncrementalCycle();
      SetFullFrequency(kPartialCycles);
    } else {
      next_is_forced.store(true);
      Collect();
    }
  }
  InvokeFinalizers();
}

void ReleaseFreeMemory() {
  {
    std::lock_guard lock(collect_mutex);
    StartHelpers();
    UpdateLimiter();
    // bdwgc returns a block to the system only when it was free over several collections, and a
    // block that grows by a newly freed neighbour counts from then on.
    for (int i = 0; i < 3 || (i < 8 && GC_get_free_bytes() > GC_get_heap_size() / 64); ++i) {
      next_is_forced.store(true);
      GC_gcollect_and_unmap();
      ChargeCollection();
    }
  }
  InvokeFinalizers();
}

int ExchangeGcPercent(int percent) {
  std::lock_guard lock(collect_mutex);
  const int old = gc_percent.exchange(percent < 0 ? -1 : percent);
  Commit();
  if (old < 0 && percent >= 0) {
    std::lock_guard forcer_lock(forcer->mutex);
    forcer->Notify();
  }
  return old;
}

int64_t ExchangeMemoryLimit(int64_t limit) {
  std::lock_guard lock(collect_mutex);
  const int64_t old = memory_limit.load();
  if (limit >= 0) {
    memory_limit.store(limit);
    Commit();
  }
  return old;
}

CollectorTotals Totals() {
  return {.num_gc = num_gc.load(),
          .num_forced = num_forced.load(),
          .pause_total_ns = pause_total_ns.load(),
          .max_pause_ns = std::max(max_pause_ns.load(), max_mark_step_ns.load()),
          .gc_cpu_ns = gc_cpu_ns.load(),
          .heap_marked = heap_marked.load(),
          .objects_marked = objects_marked.load(),
          .last_gc_unix_ns = last_gc_unix_ns.load(),
          .gc_cpu_fraction = gc_cpu_fraction.load(),
          .limiting = limiting.load(),
          .limited = limited.load()};
}

void CopyPauses(uint64_t (&pause_ns)[256], uint64_t (&pause_end_unix_ns)[256]) {
  std::copy(std::begin(pauses), std::end(pauses), pause_ns);
  std::copy(std::begin(pause_ends), std::end(pause_ends), pause_end_unix_ns);
}

bool MarkingInSteps() {
  return incremental.load(std::memory_order_relaxed) && cycle_open.load(std::memory_order_relaxed);
}

void NoteMarkStep(uint64_t ns) {
  mark_step_ns.fetch_add(ns, std::memory_order_relaxed);
  RaiseTo(max_mark_step_ns, ns);
}

void AtCollectionStart(void (*callback)()) { start_callbacks.Add(callback); }

void AtForkChild(void (*callback)()) { fork_child_callbacks.Add(callback); }

void SetStackMeter(uint64_t (*meter)()) {
  const AllocLock lock;
  stack_meter = meter;
}

void SetForcePeriod(std::chrono::nanoseconds period) {
  std::lock_guard lock(forcer->mutex);
  forcer->period = period;
  forcer->Notify();
}

}  // namespace internal

Mode CurrentMode() {
  if (internal::incremental.load()) return Mode::kIncremental;
  return internal::markers.load() > 1 ? Mode::kParallel : Mode::kStopTheWorld;
}

const char* ModeName(Mode mode) {
  switch (mode) {
    case Mode::kStopTheWorld:
      return "stop-the-world";
    case Mode::kParallel:
      return "parallel";
    case Mode::kIncremental:
      return "incremental";
  }
  return "";
}

int Markers() { return internal::markers.load(); }

void EnableIncremental(std::chrono::milliseconds pause_target) {
  internal::InitCollector();
  std::lock_guard lock(internal::collect_mutex);
  // Half of the target: bdwgc looks at the clock now and then only, and sweeping begins right after.
  const long microseconds = std::chrono::microseconds(pause_target).count() / 2;
  GC_set_time_limit_tv({static_cast<unsigned long>(microseconds / 1000),
                        static_cast<unsigned long>(microseconds % 1000 * 1000)});
  internal::UseSmallPages();
  GC_enable_incremental();
  internal::markers.store(1);
  internal::incremental.store(true);
  internal::Commit();
}

// The log lives here because the collector fills it; its interface is gc_events.h.
uint64_t CollectionLog::Next() { return internal::num_gc.load(); }

CollectionLog::Slice CollectionLog::Since(uint64_t since) {
  Slice slice;
  while (true) {
    size_t there;
    {
      const internal::AllocLock lock;
      there = internal::ring->CountSince(since);
      if (there <= slice.collections.capacity()) {
        internal::ring->CopySince(since, slice);
        return slice;
      }
    }
    // Not under the lock; a few more may come.
    slice.collections.reserve(there + 16);
  }
}

uint64_t PeakHeapBytes() {
  internal::RaiseTo(internal::peak_heap, internal::heap_live.load());
  return internal::peak_heap.load();
}

void ResetPeakHeap() { internal::peak_heap.store(internal::heap_live.load()); }

uint64_t GcCpuNanos() { return internal::gc_cpu_ns.load(); }

}  // namespace heapwise::runtime
