#include "heapwise/gc/main_exit.h"

#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/own_thread.h"
#include "heapwise/gc/collector.h"

namespace heapwise::runtime::internal {
namespace {

constexpr useconds_t kPeriodMicros = 50'000;

// All of this process, the main one included, which stays as a zombie.
int Threads() {
  struct stat status;
  // Each is a directory, and there are `.` and `..` (proc(5)).
  return stat("/proc/self/task", &status) == 0 ? static_cast<int>(status.st_nlink) - 2 : -1;
}

// What the C library does when the last thread ends, if there are none of ours.
void ExitWhenAllHaveEnded() {
  while (Threads() != 1 + OwnThreads() + GC_get_parallel()) usleep(kPeriodMicros);
  std::exit(0);
}

constinit pthread_key_t key = 0;
void (*leave)() = nullptr;

// The C library calls it when the main thread calls pthread_exit, not when main returns; again as often as it sets the
// value anew, so that destructors of other keys still may use the heap.
void OnMainThreadExit(void* round) {
  const uintptr_t next = reinterpret_cast<uintptr_t>(round) + 1;
  if (next < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(key, reinterpret_cast<void*>(next));
    return;
  }
  if (GC_thread_is_registered() != 0) leave();
  StartOwnThread("GC-exit", ExitWhenAllHaveEnded);
}

void ThisIsTheMainThread() { pthread_setspecific(key, reinterpret_cast<void*>(1)); }

}  // namespace

void WatchMainThread(void (*leave_collector)()) {
  leave = leave_collector;
  if (pthread_key_create(&key, OnMainThreadExit) != 0) return;
  ThisIsTheMainThread();
  AtForkChild(ThisIsTheMainThread);
}

}  // namespace heapwise::runtime::internal
