#ifndef HEAPWISE_BASE_SIGNALS_H_
#define HEAPWISE_BASE_SIGNALS_H_

#include <signal.h>

namespace heapwise::runtime::internal {

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
