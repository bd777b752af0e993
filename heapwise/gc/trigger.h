#ifndef HEAPWISE_GC_TRIGGER_H_
#define HEAPWISE_GC_TRIGGER_H_

#include <cstdint>

#include "heapwise/gc/collect_lock.h"

// When a collection is due: the formulas of pacer.h over the settings and the last collection, and the CPU limiter, which
// may put one off. It decides; collector.cc collects.
namespace heapwise::runtime::internal {

// Once, before the first collection, when the settings have been read.
void StartTrigger();

// Computes the goal and the trigger anew: after each collection and each change of a setting. The caller holds bdwgc's
// lock, so that none of two does it by what was.
void UpdateTrigger();

// The goal in force now, in bytes of live heap: the smaller of the percentage's and the memory limit's. Any thread.
uint64_t CurrentHeapGoal();

// Whether `upcoming` more bytes carry the live heap to a trigger. Any thread.
bool IsDue(uint64_t upcoming);

// Whether the limiter puts a collection off that is due; if so, IsDue is false until kLimiterRetryBytes more have been
// allocated. Tells the limiter the time first.
bool PutOff(const CollectLock&, uint64_t upcoming);

// Tell the limiter of the time since it was last told: that no collection ran, and that one did, which has just ended.
void ChargeProgram(const CollectLock&);
void ChargeCollection(const CollectLock&);

struct LimiterState {
  bool limiting;          // the bucket is full: collections that a tight limit asks for are put off
  uint64_t put_off;       // collections that it has put off
  uint64_t last_enabled;  // the collection that it put off last, by its number; 0: none
};
LimiterState Limiter();

// Data and bss of the program and of the libraries that it had at the start, in bytes.
uint64_t GlobalsBytes();

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_TRIGGER_H_
