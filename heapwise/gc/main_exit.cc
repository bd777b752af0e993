#include "heapwise/gc/main_exit.h"

#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

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

// Asked for before all are counted: one of ours that begins in between is not taken for the program's that ends.
bool OnlyOursAreLeft() {
  const int ours = OwnThreads() + GC_get_parallel();
  return Threads() == 1 + ours;
}

// What the C library does when the last thread ends, if there are none of ours.
void ExitWhenAllHaveEnded() {
  while (!OnlyOursAreLeft()) usleep(kPeriodMicros);
  // Destructors of static variables may use the heap.
  GC_stack_base base;
  GC_get_stack_base(&base);
  GC_register_my_thread(&base);
  std::exit(0);
}

constinit pthread_key_t key = 0;
constinit int calls = 0;  // of OnMainThreadExit
void (*leave)() = nullptr;

// The C library calls it when the main thread calls pthread_exit, not when main returns; again as often as it sets the
// value anew, so that destructors of other keys still may use the heap.
void OnMainThreadExit(void* value) {
  if (++calls < PTHREAD_DESTRUCTOR_ITERATIONS) {
    pthread_setspecific(key, value);
    return;
  }
  if (GC_thread_is_registered() != 0) leave();
  StartOwnThread("GC-exit", ExitWhenAllHaveEnded);
}

void WatchThisThread() { pthread_setspecific(key, &calls); }

}  // namespace

void WatchMainThread(void (*leave_collector)()) {
  leave = leave_collector;
  if (pthread_key_create(&key, OnMainThreadExit) != 0) return;
  // Another one may have loaded the library.
  if (gettid() == getpid()) WatchThisThread();
  AtForkChild(WatchThisThread);
}

}  // namespace heapwise::runtime::internal
