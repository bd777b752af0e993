#include "heapwise/gc/forcer.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <new>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/base/own_thread.h"
#include "heapwise/gc/log.h"
#include "heapwise/gc/settings.h"

namespace heapwise::runtime::internal {
namespace {

// What the thread waits on. Never destroyed: that thread outlives main. Nothing is called under the mutex.
struct Forcer {
  std::mutex mutex;
  std::condition_variable changed;
  std::chrono::nanoseconds period = std::chrono::minutes(2);  // guarded by mutex
  uint64_t changes = 0;  // of what it goes by; guarded by mutex
};
constinit Forcer* forcer = nullptr;

// Returns when a collection is due because there was none for a while.
void WaitUntilDue() {
  std::unique_lock lock(forcer->mutex);
  while (true) {
    // One that comes as the first while this waits is met with a period later.
    const uint64_t last = LastGcNanos();
    const std::chrono::nanoseconds since(last == 0 ? 0 : MonotonicNanos() - last);
    const bool off = GcPercent() < 0;
    if (!off && since >= forcer->period) return;
    // A change counts whether the thread is waiting when it comes or not.
    const auto changed = [seen = forcer->changes] { return forcer->changes != seen; };
    if (off) {
      forcer->changed.wait(lock, changed);
    } else {
      forcer->changed.wait_for(lock, forcer->period - since, changed);
    }
  }
}

void (*collect)() = nullptr;  // does not change while the thread runs

void Run() {
  while (true) {
    WaitUntilDue();
    GC_stack_base base;
    GC_get_stack_base(&base);
    GC_register_my_thread(&base);
    collect();
    GC_unregister_my_thread();
  }
}

}  // namespace

void PrepareForcer() { forcer = new Forcer; }

void StartForcer(void (*force)()) {
  collect = force;
  StartOwnThread("GC-forcer", Run);
}

void WakeForcer() {
  const std::lock_guard lock(forcer->mutex);
  ++forcer->changes;
  forcer->changed.notify_all();
}

void ForgetForcer() {
  // The mutex may be held, and the condition waited on, by the thread that is gone: in their place, new ones.
  const auto period = forcer->period;
  forcer = new (forcer) Forcer;
  forcer->period = period;
}

void SetForcePeriod(std::chrono::nanoseconds period) {
  {
    const std::lock_guard lock(forcer->mutex);
    forcer->period = period;
  }
  WakeForcer();
}

}  // namespace heapwise::runtime::internal
