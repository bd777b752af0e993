#include "heapwise/base/signals.h"

#include <pthread.h>

#include <initializer_list>

#include "heapwise/base/bdwgc.h"

namespace heapwise::runtime::internal {
namespace {

struct ForkMask {
  bool saved = false;
  sigset_t before{};
};
constinit thread_local ForkMask fork_mask;

// Unblocks them; the mask that was, where that is asked for.
void Open(sigset_t* before) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, GC_get_suspend_signal());
  sigaddset(&signals, GC_get_thr_restart_signal());
  sigaddset(&signals, SIGSEGV);
  pthread_sigmask(SIG_UNBLOCK, &signals, before);
}

}  // namespace

void ChooseStopSignals() {
  GC_set_suspend_signal(SIGRTMIN + 6);
  GC_set_thr_restart_signal(SIGRTMIN + 5);
}

void OpenCollectorSignals() { Open(nullptr); }

void OpenCollectorSignalsForFork() {
  if (fork_mask.saved) return;
  fork_mask.saved = true;
  Open(&fork_mask.before);
}

void RestoreSignalsForFork() {
  if (!fork_mask.saved) return;
  fork_mask.saved = false;
  pthread_sigmask(SIG_SETMASK, &fork_mask.before, nullptr);
}

ProgramSignalsBlocked::ProgramSignalsBlocked() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGPROF,
                           GC_get_suspend_signal(), GC_get_thr_restart_signal()}) {
    sigdelset(&signals, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

ProgramSignalsBlocked::~ProgramSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace heapwise::runtime::internal
