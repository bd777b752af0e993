#include "heapwise/gc/trigger.h"

#include <link.h>

#include <algorithm>
#include <atomic>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/gc/cpu_limiter.h"
#include "heapwise/gc/environment.h"
#include "heapwise/gc/fast_path.h"
#include "heapwise/gc/log.h"
#include "heapwise/gc/pacer.h"
#include "heapwise/gc/settings.h"

namespace heapwise::runtime::internal {
namespace {

// Incremental mode: about how many bytes bdwgc marks for each one that is allocated (GC_RATE blocks for each block).
constexpr uint64_t kMarkRate = 10;

// Written by UpdateTrigger, read by anyone; with check_threshold (fast_path.h).
struct Goals {
  std::atomic<uint64_t> goal{kDefaultHeapMinimum};  // of the percentage
  std::atomic<uint64_t> trigger{kDefaultHeapMinimum};
};
constinit Goals percent;

constinit uint64_t globals_bytes = 0;  // does not change after StartTrigger

struct Limit {
  CpuLimiter* limiter = nullptr;    // guarded by the CollectLock
  uint64_t told_ns = 0;             // the time up to which the limiter knows; the same
  uint64_t last_collection_ns = 0;  // what the last collection took; the same
  std::atomic<bool> limiting{false};
  std::atomic<uint64_t> put_off{0};
  std::atomic<uint64_t> last_enabled{0};
  // No collection for the limit before heap_live reaches this
  std::atomic<uint64_t> put_off_until{0};
};
constinit Limit limit;

uint64_t CountGlobals() {
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

uint64_t MemoryLimitGoal() {
  const uint64_t mapped = GC_get_obtained_from_os_bytes() - GC_get_unmapped_bytes();
  return MemoryLimitHeapGoal(MemoryLimit(),
                             {.mapped_ready = mapped,
                              .heap_free = GC_get_free_bytes(),
                              .heap_alloc = heap_live.load(std::memory_order_relaxed),
                              .heap_marked = HeapMarked()});
}

uint64_t MemoryLimitTrigger() {
  return (Incremental() ? IncrementalLimitTrigger : Trigger)(MemoryLimitGoal(), HeapMarked());
}

// Tells the limiter what it has to know, given what has run since it was last told. Returns for how long that was.
uint64_t Tell(bool collecting) {
  const uint64_t now = MonotonicNanos();
  const uint64_t elapsed = now - limit.told_ns;
  const int64_t cpu_ns = static_cast<int64_t>(elapsed) * Processors();
  limit.limiter->Accumulate(collecting ? 0 : cpu_ns, collecting ? cpu_ns : 0);
  limit.told_ns = now;
  limit.limiting.store(limit.limiter->limiting());
  return elapsed;
}

}  // namespace

void StartTrigger() {
  globals_bytes = CountGlobals();
  limit.limiter = new CpuLimiter(Processors());
  limit.told_ns = MonotonicNanos();
  const AllocLock lock;
  UpdateTrigger();
}

void UpdateTrigger() {
  const uint64_t marked = HeapMarked();
  uint64_t goal = HeapGoal(GcPercent(), marked, LastStackBytes(), globals_bytes);
  uint64_t trigger = Trigger(goal, marked);
  if (NumGc() > 0) {
    // Go's sweeper needs this distance (mgcpacer.go:1276); it also bounds what GOGC=0 costs.
    goal = std::max(goal, marked + kMinHeapDistance);
    trigger = std::max(trigger, marked + kMinHeapDistance);
  }
  if (Incremental()) {
    // Marking goes on while the program allocates this much.
    trigger = std::max(marked + kMinHeapDistance, trigger - std::min(trigger, marked / kMarkRate));
  }
  percent.goal.store(goal);
  percent.trigger.store(trigger);
  const bool ask_always = MemoryLimit() != kNoMemoryLimit || Incremental();
  check_threshold.store(ask_always ? 0 : trigger);
}

uint64_t CurrentHeapGoal() {
  return std::min(percent.goal.load(std::memory_order_relaxed), MemoryLimitGoal());
}

bool IsDue(uint64_t upcoming) {
  const uint64_t next = heap_live.load(std::memory_order_relaxed) + upcoming;
  return next >= percent.trigger.load(std::memory_order_relaxed) ||
         (next >= MemoryLimitTrigger() &&
          next >= limit.put_off_until.load(std::memory_order_relaxed));
}

bool PutOff(const CollectLock& lock, uint64_t upcoming) {
  ChargeProgram(lock);
  const uint64_t next = heap_live.load() + upcoming;
  const bool off =
      LimiterApplies(next, percent.trigger.load(), MemoryLimitTrigger(), HeapMarked()) &&
      limit.limiter->WouldFill(static_cast<int64_t>(limit.last_collection_ns) * Processors());
  limit.put_off_until.store(off ? next + kLimiterRetryBytes : 0);
  if (off) {
    limit.put_off.fetch_add(1);
    limit.last_enabled.store(NumGc() + 1);
  }
  return off;
}

void ChargeProgram(const CollectLock&) { Tell(/*collecting=*/false); }

void ChargeCollection(const CollectLock&) { limit.last_collection_ns = Tell(/*collecting=*/true); }

LimiterState Limiter() {
  return {.limiting = limit.limiting.load(),
          .put_off = limit.put_off.load(),
          .last_enabled = limit.last_enabled.load()};
}

uint64_t GlobalsBytes() { return globals_bytes; }

}  // namespace heapwise::runtime::internal
