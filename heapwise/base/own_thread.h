#ifndef HEAPWISE_BASE_OWN_THREAD_H_
#define HEAPWISE_BASE_OWN_THREAD_H_

namespace heapwise::runtime::internal {

// Starts a thread of the library's own, which is never joined: it takes no signal that is meant for the program
// (signals.h), and is named, of at most 15 characters, for debuggers and top. False: there is none to be had.
bool StartOwnThread(const char* name, void (*run)());

// How many were started; none of them ends.
int OwnThreads();

// The child of a fork has none of them.
void ForgetOwnThreads();

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_BASE_OWN_THREAD_H_
