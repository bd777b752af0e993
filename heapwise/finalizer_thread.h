#ifndef HEAPWISE_FINALIZER_THREAD_H_
#define HEAPWISE_FINALIZER_THREAD_H_

// The one thread that runs finalizers and cleanups (Go: the finalizer goroutine, mfinal.go, runFinalizers). It takes none
// of the signals that are meant for the program, and is registered with the collector while it runs something; it sleeps
// unregistered, so that no stop of the world waits for it.
namespace heapwise::runtime::internal {

// Starts it where it does not run: when something is attached for the first time. Where there is no thread to be had,
// the next call tries again. The child of a fork has one again with its first collection, or when it calls this. Holds no
// lock.
void StartFinalizerThread();

// Something is due (specials.h). Any thread, whatever locks it holds.
void WakeFinalizerThread();

// Gives it a moment, a millisecond at most, to take in hand what the last collection has made due: between the collections
// of a thread that makes one after the other it would not get bdwgc's lock. Holds no lock.
void LetFinalizersBegin();

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_FINALIZER_THREAD_H_
