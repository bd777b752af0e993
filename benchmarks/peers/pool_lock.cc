// How much of the time of two threads that make fresh buffers goes into waiting for the collector's
// lock. This program stands before the C library's mutex functions and looks at the clock where a
// first attempt at a lock fails; an attempt that succeeds costs a comparison more.
//
// The last line of its output is a JSON object of shares, 0 to 1:
//   lock_wait/2       of the two threads' time, waiting for that lock, also while its holder collects
//   other_wait/2      of the two threads' time, waiting for other mutexes: the runtime's own
//   world_stopped/2   of the wall time, the world standing still for collections

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <thread>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/time.h"
#include "benchmarks/peers/pool_buffer.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/mem_stats.h"

ABSL_FLAG(absl::Duration, min_time, absl::Milliseconds(200), "how long it measures");

namespace {

using heapwise::runtime::MonotonicNanos;
using MutexFunction = int (*)(pthread_mutex_t*);

std::atomic<pthread_mutex_t*> collector_lock{nullptr};
constinit thread_local pthread_mutex_t* last_locked = nullptr;
constinit thread_local uint64_t waiting_since_ns = 0;
constinit thread_local uint64_t waited_ns = 0;
constinit thread_local uint64_t other_waited_ns = 0;

// Not a static with a constructor: the functions below run before any constructor of this program.
MutexFunction Next(std::atomic<MutexFunction>& cached, const char* name) {
  MutexFunction next = cached.load(std::memory_order_relaxed);
  if (next == nullptr) {
    next = reinterpret_cast<MutexFunction>(dlsym(RTLD_NEXT, name));
    cached.store(next, std::memory_order_relaxed);
  }
  return next;
}

constinit std::atomic<MutexFunction> next_lock{nullptr};
constinit std::atomic<MutexFunction> next_trylock{nullptr};

int TryLock(pthread_mutex_t* mutex) {
  const int error = Next(next_trylock, "pthread_mutex_trylock")(mutex);
  if (error == 0) last_locked = mutex;
  if (mutex != collector_lock.load(std::memory_order_relaxed)) return error;
  if (error != 0) {
    if (waiting_since_ns == 0) waiting_since_ns = MonotonicNanos();
  } else if (waiting_since_ns != 0) {
    waited_ns += MonotonicNanos() - waiting_since_ns;
    waiting_since_ns = 0;
  }
  return error;
}

}  // namespace

extern "C" int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept { return TryLock(mutex); }

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  const bool watched = mutex == collector_lock.load(std::memory_order_relaxed);
  if (TryLock(mutex) == 0) return 0;
  const uint64_t began = MonotonicNanos();
  const int error = Next(next_lock, "pthread_mutex_lock")(mutex);
  last_locked = mutex;
  if (!watched) {
    other_waited_ns += MonotonicNanos() - began;
  } else if (waiting_since_ns != 0) {
    waited_ns += MonotonicNanos() - waiting_since_ns;
    waiting_since_ns = 0;
  }
  return error;
}

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Measures the wait for the collector's lock.");
  absl::ParseCommandLine(argc, argv);
  const uint64_t min_ns = absl::ToInt64Nanoseconds(absl::GetFlag(FLAGS_min_time));

  std::atomic<int> ready{0};
  std::atomic<uint64_t> total_waited_ns{0};
  std::atomic<uint64_t> total_other_waited_ns{0};
  std::atomic<uint64_t> total_ns{0};
  const auto work = [&] {
    const heapwise::runtime::ThreadScope scope;
    heapwise::peers::Use(heapwise::runtime::New<heapwise::peers::Buffer>());
    ++ready;
    while (ready.load() < 2) std::this_thread::yield();
    const uint64_t waited_before = waited_ns;
    const uint64_t other_before = other_waited_ns;
    const uint64_t began = MonotonicNanos();
    uint64_t now = began;
    while (now - began < min_ns) {
      for (int i = 0; i < 1000; ++i) {
        heapwise::peers::Use(heapwise::runtime::New<heapwise::peers::Buffer>());
      }
      now = MonotonicNanos();
    }
    total_ns += now - began;
    total_waited_ns += waited_ns - waited_before;
    total_other_waited_ns += other_waited_ns - other_before;
  };

  // The lock is the one that is held where this function runs.
  std::thread second([&] {
    const heapwise::runtime::ThreadScope scope;
    GC_call_with_alloc_lock(
        [](void*) -> void* {
          collector_lock = last_locked;
          return nullptr;
        },
        nullptr);
    work();
  });
  while (ready.load() < 1) std::this_thread::yield();
  if (collector_lock.load() == nullptr) {
    std::fprintf(stderr, "peers_pool_lock: this build of bdwgc takes its lock in another way\n");
    ++ready;
    second.join();
    return 1;
  }
  const uint64_t paused_before = heapwise::runtime::ReadHeapCounters().pause_total_ns;
  const uint64_t began = MonotonicNanos();
  work();
  second.join();
  const double wall = static_cast<double>(MonotonicNanos() - began);
  const uint64_t paused = heapwise::runtime::ReadHeapCounters().pause_total_ns - paused_before;
  const double threads_ns = static_cast<double>(total_ns.load());
  std::printf("{\"lock_wait/2\": %.4f, \"other_wait/2\": %.4f, \"world_stopped/2\": %.4f}\n",
              static_cast<double>(total_waited_ns.load()) / threads_ns,
              static_cast<double>(total_other_waited_ns.load()) / threads_ns,
              static_cast<double>(paused) / wall);
  return 0;
}
