#ifndef HEAPWISE_BASE_SIGNALS_H_
#define HEAPWISE_BASE_SIGNALS_H_

#include <signal.h>

// The signals by which the collector stops a thread, lets it go on, and, in the incremental mode, learns that it writes into
// the heap (SIGSEGV): who must and who must not take which.
namespace heapwise::runtime::internal {

// Has bdwgc use SIGRTMIN+6 and SIGRTMIN+5. Its own choice are SIGPWR and SIGXCPU, which mean something: that the power
// fails, and that RLIMIT_CPU is reached. Before GC_INIT.
void ChooseStopSignals();

// Lets the calling thread take all three, whatever its mask was: it could not be stopped otherwise, and a collection would
// wait for it, and end the program after a quarter of a minute; and the system ends a program that writes into a protected
// page with SIGSEGV blocked.
void OpenCollectorSignals();

// The same while a fork waits for locks and puts the heap in order: the holder of a lock may be about to stop this thread,
// which may have blocked all signals for the time of the fork, as libuv does. Then back to the mask that was. The first
// may be called more than once; all in the thread that forks, and in its child.
void OpenCollectorSignalsForFork();
void RestoreSignalsForFork();

// While it lives the calling thread, and every thread that it starts, takes no signal that is meant for the process: a
// library's thread must not run a program's handlers, nor take SIGTERM from the thread that waits for it in sigwait.
// Left alone are the signals that a thread causes itself, SIGPROF, which belongs to whoever is running, and the two by
// which the collector stops a thread and lets it go on.
class ProgramSignalsBlocked {
 public:
  ProgramSignalsBlocked();
  ~ProgramSignalsBlocked();
  ProgramSignalsBlocked(const ProgramSignalsBlocked&) = delete;
  ProgramSignalsBlocked& operator=(const ProgramSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_BASE_SIGNALS_H_
