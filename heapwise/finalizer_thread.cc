#include "heapwise/finalizer_thread.h"

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "heapwise/base/clock.h"
#include "heapwise/base/fatal.h"
#include "heapwise/base/own_thread.h"
#include "heapwise/gc/collector.h"
#include "heapwise/specials.h"
#include "heapwise/thread_heap.h"

namespace heapwise::runtime::internal {
namespace {

// How long the end of the program waits for a finalizer that is running.
constexpr uint64_t kExitWaitNanos = 1'000'000'000;
// How long a forced collection waits for the thread to take what is due.
constexpr uint64_t kTakeWaitNanos = 1'000'000;

struct FinalizerThread {
  std::atomic<bool> started{false};
  std::atomic<bool> ever_started{false};
  std::atomic<uint32_t> wakes{0};   // what it sleeps on
  std::atomic<bool> waking{false};  // it has still to take what is due
  std::atomic<bool> running{false};
  std::atomic<bool> exiting{false};
};
constinit FinalizerThread thread;
constinit thread_local bool is_finalizer_thread = false;

// An exception that nobody catches ends the program in Go as well, wherever it comes from.
void RunOrTerminate() {
  try {
    while (TakeDue()) {
      thread.waking.store(false);
      while (!thread.exiting.load() && RunOneTaken()) {
      }
      if (thread.exiting.load()) return;
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fatal error: a finalizer or cleanup has thrown an exception: %s\n",
                 e.what());
    FlushStdout();
    std::terminate();
  } catch (...) {
    std::fputs("fatal error: a finalizer or cleanup has thrown an exception\n", stderr);
    FlushStdout();
    std::terminate();
  }
}

void Run() {
  is_finalizer_thread = true;
  for (uint32_t seen = 0;; thread.wakes.wait(seen)) {
    seen = thread.wakes.load();
    if (seen == 0) continue;
    thread.running.store(true);
    {
      const ThreadScope scope;
      RunOrTerminate();
    }
    thread.waking.store(false);
    thread.running.store(false);
  }
}

// Before the destructors of what was made before the thread was: no finalizer is to meet them.
void StopAtExit() {
  thread.exiting.store(true);
  if (is_finalizer_thread) return;
  const uint64_t began = MonotonicNanos();
  while (thread.running.load() && MonotonicNanos() - began < kExitWaitNanos) usleep(1000);
}

void ForgetOfParent() {
  // A finalizer may fork.
  thread.started.store(is_finalizer_thread);
  thread.running.store(is_finalizer_thread);
}

void StartAgain() {
  if (thread.ever_started.load()) StartFinalizerThread();
}

const bool initialised_before_main = [] {
  InitCollector();
  AtForkChild(ForgetOfParent);
  AtHelpersStart(StartAgain);
  return true;
}();

}  // namespace

void StartFinalizerThread() {
  if (thread.started.load(std::memory_order_acquire) || thread.started.exchange(true)) return;
  if (!thread.ever_started.exchange(true)) std::atexit(StopAtExit);
  if (!StartOwnThread("GC-finalizer", Run)) thread.started.store(false);
}

void WakeFinalizerThread() {
  if (!thread.running.load()) thread.waking.store(true);
  thread.wakes.fetch_add(1);
  thread.wakes.notify_one();
}

void LetFinalizersBegin() {
  if (!thread.waking.load() || is_finalizer_thread) return;
  const uint64_t began = MonotonicNanos();
  while (thread.waking.load() && MonotonicNanos() - began < kTakeWaitNanos) sched_yield();
}

}  // namespace heapwise::runtime::internal
