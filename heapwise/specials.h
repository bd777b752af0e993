#ifndef HEAPWISE_SPECIALS_H_
#define HEAPWISE_SPECIALS_H_

#include <cstddef>
#include <cstdint>

// What is attached to objects of the heap: finalizers, cleanups and weak links (Go: specials, mheap.go). Internal; the
// contracts are in finalizer.h, cleanup.h and weak.h.
//
// bdwgc has finalizers and disappearing links of its own. These are not they: its table collects when it grows, outside
// the pacer, and its records lie in the heap and count as objects. Here the records are in malloc's memory, where the
// collector does not look. Each collection
//   - marks, as from roots, what an object with a finalizer leads to, but not the object itself: so what the finalizer
//     will see is there, and of two objects with finalizers of which one leads to the other the outer one's turn is
//     first (Go: mgcmark.go, markrootSpans);
//   - when marking is complete, clears the weak links of objects that are not marked, then takes their finalizers off
//     and marks these objects, then takes the cleanups off those that are not marked even so.
//
// All functions are thread-safe and take bdwgc's lock. `base` is the beginning of an object, as GC_base has it.
namespace heapwise::runtime::internal {

// Has run(base, argument) called when the object is dead. False: it has a finalizer already.
bool AddFinalizer(void* base, void (*run)(void* base, void* argument), void* argument);

// Takes the finalizer off, if there is one that is not due yet.
void RemoveFinalizer(void* base);

// Has run(job) called when the object is dead and has no finalizer. The job is an object of the heap, at its beginning,
// and is retained until then. Returns what RemoveCleanup knows it by, which is never 0.
uint64_t AddCleanup(void* base, void (*run)(void* job), void* job);

// Takes the cleanup off and returns its job; null if it is due or gone already. Of `base` it is given the complement, by
// which the caller does not retain the object.
void* RemoveCleanup(uintptr_t hidden_base, uint64_t id);

// For the one thread that runs them, which is registered with the collector. Takes all finalizers and cleanups that are due
// in hand, if those that it took before have run; false: there are none.
bool TakeDue();

// Runs one that was taken, and takes no lock; false: there is none.
bool RunOneTaken();

// A weak link; in malloc's memory, and where it is until it is taken off.
struct WeakEntry {
  WeakEntry* next = nullptr;
  WeakEntry* previous = nullptr;
  uintptr_t hidden_object = 0;  // its complement; 0 when the object is dead
  uintptr_t hidden_base = 0;
};

void AddWeak(WeakEntry& entry, void* object, void* base);
void RemoveWeak(WeakEntry& entry);
void* GetWeak(const WeakEntry& entry);  // the object, or null

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_SPECIALS_H_
