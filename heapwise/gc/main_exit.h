#ifndef HEAPWISE_GC_MAIN_EXIT_H_
#define HEAPWISE_GC_MAIN_EXIT_H_

namespace heapwise::runtime::internal {

// The main thread may leave by pthread_exit while others go on. It calls `leave` then, if it is registered with the
// collector, which would otherwise try for ever to stop a thread that is gone. And the process ends, with status 0, when
// the library's own threads are the last: they never do. Called once, by the main thread: if another one calls it, the
// parent's main thread is not watched. In the child of a fork the main thread is the one that forked.
void WatchMainThread(void (*leave)());

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_MAIN_EXIT_H_
