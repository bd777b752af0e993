#ifndef HEAPWISE_GC_COLLECTOR_H_
#define HEAPWISE_GC_COLLECTOR_H_

// The one place that drives bdwgc: starts it with its own pacing off, has it collect, and sees to it at a fork. When to
// collect is decided in trigger.h; what a collection was is seen by cycle.h. Locks: LOCKS.md.
namespace heapwise::runtime::internal {

// Idempotent and thread-safe. Runs before main, so that the first thread the collector sees is the main one.
void InitCollector();

// A full collection now, counted as forced where the program has asked for it; returns when it is complete. The calling
// thread is registered with the collector and holds no lock of LOCKS.md.
void ForceCollection(bool asked_for = true);

// Collects until bdwgc has returned what is free to the system; see FreeOSMemory (debug.h). As ForceCollection.
void ReleaseFreeMemory();

// Registers a function that starts a thread of the library's own, to be called where there is none yet: at the start, as
// far as it is registered then, and at the first collection in the child of a fork. The CollectLock is held. At most eight,
// before main.
void AtHelpersStart(void (*callback)());

// Registers a function that the child calls after a fork: it has one thread, the one that forked, no lock is held, and what
// the other threads were in the middle of stays as it was. At most eight, before main.
void AtForkChild(void (*callback)());

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_COLLECTOR_H_
