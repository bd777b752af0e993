#ifndef HEAPWISE_GC_CYCLE_H_
#define HEAPWISE_GC_CYCLE_H_

#include <cstdint>

// One collection, from bdwgc's first event of it to the last: makes a Collection of them, counts what survived, enters it
// into the log, sets the next trigger, prints the gctrace line.
//
// bdwgc sends the events with its lock held, one collection after the other:
//
//   PRE_STOP_WORLD   POST_STOP_WORLD   MARK_START [MARK_END]   PRE_START_WORLD   POST_START_WORLD   RECLAIM_START   RECLAIM_END
//   opens the cycle                    without an end where a stop's time was up                                    closes it
//
// In the incremental mode the part from PRE_STOP_WORLD to POST_START_WORLD comes once or more often, and the program runs
// in between, marking in steps; otherwise once.
namespace heapwise::runtime::internal {

// Has bdwgc send its events here. Once, when log and trigger have started.
void StartCycles();

// The next cycle counts as asked for. Any thread.
void NextIsForced();

// Whether a cycle is under way. Any thread.
bool CycleIsOpen();

// Whether an incremental cycle is under way, so that bdwgc marks a step in each of its allocations. Who waited for a step
// reports its length. Any thread.
bool MarkingInSteps();
void NoteMarkStep(uint64_t ns);

// Registers a function that every collection calls once, at its start, with the world stopped and bdwgc's lock held: it
// may only move pointers. At most eight, before main.
void AtCollectionStart(void (*callback)());

// Registers a function that every collection calls when marking is complete and the world runs again, with bdwgc's lock
// held: the mark bits are final, but for those that it sets, and nothing has been freed. It may only move pointers. At
// most eight, before main.
void AtMarkEnd(void (*callback)());

// Registers a function that every collection calls when it is in the log, with bdwgc's lock held: it allocates nothing. At
// most four, before main.
void AtCollectionEnd(void (*callback)());

// Registers a function that pushes roots (gc_mark.h), with bdwgc's lock held. A collection calls it with the world
// stopped; in the incremental mode it may also do so before that with the world running. At most eight, before main.
void AtRootPushing(void (*callback)());

// Whether the world is stopped for a collection. For who has bdwgc's lock.
bool WorldIsStopped();

// Stack bytes in use by all threads, as of their last visit to the allocator's slow path. Called with the world stopped;
// set by the layer that knows the threads.
void SetStackMeter(uint64_t (*meter)());

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_CYCLE_H_
