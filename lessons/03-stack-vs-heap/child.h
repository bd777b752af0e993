// A recursion in a child process, which may die of it.
#ifndef HEAPWISE_LESSONS_03_STACK_VS_HEAP_CHILD_H_
#define HEAPWISE_LESSONS_03_STACK_VS_HEAP_CHILD_H_

#include <cstdint>
#include <string>

struct DiveEnd {
  int64_t bytes;    // the last depth that the child reported, to the next 16 KiB below
  int exit_status;  // as a shell shows it: 128 + the number of the signal that ended it
};

// Starts this very program anew, with HEAPWISE_DIVE=place in its environment and this limit for its stack (RLIMIT_STACK),
// and waits for its end. Started so, a program that this file is linked into does nothing but recurse 10 MiB deep:
//   main       on the main thread
//   thread     on a std::thread, whose stack is as large as the limit that the program was started with
//   own_stack  on a thread that asked for a stack of 16 MiB of its own
//   heap       in a loop that keeps its locals in a std::stack
// No core file is written. The child dies with the thread that called. Where it cannot be started, or the hard limit forbids
// so large a stack, this ends the process with one line and status 1.
DiveEnd Dive(const std::string& place, int64_t stack_limit_bytes);

#endif  // HEAPWISE_LESSONS_03_STACK_VS_HEAP_CHILD_H_
