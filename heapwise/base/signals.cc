#include "heapwise/base/signals.h"

#include <pthread.h>

#include <initializer_list>

#include "heapwise/base/bdwgc.h"

namespace heapwise::runtime::internal {

ProgramSignalsBlocked::ProgramSignalsBlocked() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGPROF,
                           GC_get_suspend_signal(), GC_get_thr_restart_signal()}) {
    if (signal > 0) sigdelset(&signals, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

ProgramSignalsBlocked::~ProgramSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace heapwise::runtime::internal
