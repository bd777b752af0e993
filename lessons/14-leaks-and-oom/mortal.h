// The service in a process of its own that the kernel gives only so much memory: to see it die.
#ifndef HEAPWISE_LESSONS_14_LEAKS_AND_OOM_MORTAL_H_
#define HEAPWISE_LESSONS_14_LEAKS_AND_OOM_MORTAL_H_

#include <cstdint>
#include <string>

#include "lessons/14-leaks-and-oom/workload.h"

struct Life {
  int64_t requests = 0;     // answered
  int64_t collections = 0;  // during these
  int status = 0;           // exit status, or 128 + the signal that ended it
  std::string last_words;   // what it wrote to standard error
};

// Answers requests in a child process until it is out of memory, or has answered `most`. The child can take more_bytes
// beyond what it has at its start (RLIMIT_DATA, Linux 4.7). With `memory_limit` it has a GOMEMLIMIT of
// about the same, counted as a memory limit counts. Returns when the child has ended; should this thread end first, the child is killed. The caller's own
// settings do not change.
Life ServeWithin(int64_t more_bytes, bool memory_limit, int64_t most, FindPage find);

#endif  // HEAPWISE_LESSONS_14_LEAKS_AND_OOM_MORTAL_H_
