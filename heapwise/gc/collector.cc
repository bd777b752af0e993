#include "heapwise/gc/collector.h"

#include <pthread.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/callback_list.h"
#include "heapwise/base/clock.h"
#include "heapwise/base/fatal.h"
#include "heapwise/base/own_thread.h"
#include "heapwise/base/signals.h"
#include "heapwise/gc/collect_lock.h"
#include "heapwise/gc/cycle.h"
#include "heapwise/gc/fast_path.h"
#include "heapwise/gc/forcer.h"
#include "heapwise/gc/log.h"
#include "heapwise/gc/settings.h"
#include "heapwise/gc/trigger.h"

namespace heapwise::runtime::internal {
namespace {

// Incremental mode: generational cycles between two full ones (bdwgc's default).
constexpr int kPartialCycles = 19;

// The threads that mark, and the one that forces; guarded by the CollectLock.
constinit bool has_helpers = false;
constinit CallbackList fork_child_callbacks;
constinit CallbackList helper_callbacks;

void* OutOfMemory(size_t bytes) {
  Fatal("fatal error: out of memory: cannot allocate %zu bytes (%zu in use)\n", bytes,
        static_cast<size_t>(heap_live.load()));
}

// Starts the threads of the library's own where there are none.
void StartHelpers(const CollectLock&) {
  if (has_helpers) return;
  has_helpers = true;
  if (!Incremental()) {
    GC_start_mark_threads();
    SetMarkerCount(GC_get_parallel() + 1);
  }
  StartForcer([] { ForceCollection(/*asked_for=*/false); });
  helper_callbacks.Run();
}

// LOCKS.md says in which order the locks are taken. The child starts its helpers with its first collection: most
// children run another program, or end soon.
void HandleForks() {
  const auto before = [] {
    OpenCollectorSignalsForFork();
    CollectLock::HoldForFork();
  };
  const auto in_the_parent = [] {
    CollectLock::ReleaseAfterFork();
    RestoreSignalsForFork();
  };
  const auto in_the_child = [] {
    SetMarkerCount(1);
    has_helpers = false;
    ForgetOwnThreads();
    ForgetForcer();
    CollectLock::ReleaseAfterFork();
    fork_child_callbacks.Run();
    RestoreSignalsForFork();
  };
  pthread_atfork(before, in_the_parent, in_the_child);
}

constinit GC_abort_func abort_as_bdwgc = nullptr;

// Called by bdwgc before it aborts. Its lock may be held, and other threads may be stopped.
void OnAbort(const char* message) {
  if (message != nullptr && std::strstr(message, "Signals delivery fails") != nullptr) {
    Fatal(
        "fatal error: a thread that is registered with the collector does not stop: it blocks "
        "signal %d or %d, SIGRTMIN+6 and SIGRTMIN+5.\n"
        "A thread that blocks all signals puts `heapwise::runtime::ThreadScope scope;` behind "
        "that, or leaves these two out (heapwise/heap.h: Signals).\n",
        GC_get_suspend_signal(), GC_get_thr_restart_signal());
  }
  abort_as_bdwgc(message);
}

// While it lives GC_MARKERS is not in the environment where it is no number above 0: of that bdwgc would make as many
// markers as it can have.
class SensibleMarkersOnly {
 public:
  SensibleMarkersOnly() {
    const char* const value = std::getenv(kName);
    if (value == nullptr) return;
    int markers = 0;
    const char* const end = value + std::strlen(value);
    const auto [read_to, error] = std::from_chars(value, end, markers);
    if (error == std::errc() && read_to == end && markers > 0) return;
    hidden_ = value;
    unsetenv(kName);
  }
  ~SensibleMarkersOnly() {
    if (hidden_) setenv(kName, hidden_->c_str(), /*overwrite=*/1);
  }
  SensibleMarkersOnly(const SensibleMarkersOnly&) = delete;
  SensibleMarkersOnly& operator=(const SensibleMarkersOnly&) = delete;

 private:
  static constexpr const char* kName = "GC_MARKERS";
  std::optional<std::string> hidden_;
};

void InitOnce() {
  ProcessStartNanos();  // which is now, and not when somebody first asks
  ReadSettings();
  ChooseStopSignals();
  GC_set_handle_fork(1);
  // bdwgc would take every processor of the machine. The environment variable GC_MARKERS still prevails.
  GC_set_markers_count(static_cast<unsigned>(Processors()));
  {
    const SensibleMarkersOnly markers;
    GC_INIT();
  }
  abort_as_bdwgc = GC_get_abort_func();
  GC_set_abort_func(OnAbort);
  GC_set_oom_fn(OutOfMemory);
  GC_set_warn_proc(GC_ignore_warn_proc);
  GC_set_disable_automatic_collection(1);
  GC_set_allocd_bytes_per_finalizer(0);
  GC_set_free_space_divisor(64);
  GC_allow_register_threads();
  StartLog();
  StartTrigger();
  StartCycles();
  PrepareForcer();
  AtSettingChange([] {
    const AllocLock lock;
    UpdateTrigger();
  });
  AtSettingChange(WakeForcer);
  HandleForks();
  const CollectLock lock;
  StartHelpers(lock);
}

// Overwrites what earlier calls left on the stack below this frame. The collector's own frames come
// to lie there, and it scans them: stale words would retain garbage.
[[gnu::noinline]] void ClearDeadStack() {
  char dead[4096];
  std::memset(dead, 0, sizeof dead);
  asm volatile("" : : "r"(dead) : "memory");
}

void Collect(const CollectLock& lock) {
  ClearDeadStack();
  GC_gcollect();
  ChargeCollection(lock);
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

}  // namespace

void InitCollector() {
  static const bool done = (InitOnce(), true);
  (void)done;
}

namespace {
const bool initialised_before_main = (InitCollector(), true);
}

void CollectIfDueSlow(uint64_t upcoming) {
  if (CycleIsOpen() || !IsDue(upcoming)) return;
  const CollectLock lock;
  if (CycleIsOpen() || !IsDue(upcoming)) return;
  StartHelpers(lock);
  if (Incremental()) {
    GC_start_incremental_collection();
  } else if (!PutOff(lock, upcoming)) {
    Collect(lock);
  }
}

void ForceCollection(bool asked_for) {
  const CollectLock lock;
  StartHelpers(lock);
  ChargeProgram(lock);
  if (Incremental()) {
    FinishIncrementalCycle();
    // Whole, not only what is young: none but full cycles for a moment.
    SetFullFrequency(0);
    if (asked_for) NextIsForced();
    GC_start_incremental_collection();
    FinishIncrementalCycle();
    SetFullFrequency(kPartialCycles);
  } else {
    if (asked_for) NextIsForced();
    Collect(lock);
  }
}

void ReleaseFreeMemory() {
  const CollectLock lock;
  StartHelpers(lock);
  ChargeProgram(lock);
  // bdwgc returns a block to the system only when it was free over several collections, and a
  // block that grows by a newly freed neighbour counts from then on.
  for (int i = 0; i < 3 || (i < 8 && GC_get_free_bytes() > GC_get_heap_size() / 64); ++i) {
    NextIsForced();
    GC_gcollect_and_unmap();
    ChargeCollection(lock);
  }
}

void AtHelpersStart(void (*callback)()) { helper_callbacks.Add(callback); }

void AtForkChild(void (*callback)()) { fork_child_callbacks.Add(callback); }

}  // namespace heapwise::runtime::internal
