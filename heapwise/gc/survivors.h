// What a collection left, counted from bdwgc's marks.
#ifndef HEAPWISE_GC_SURVIVORS_H_
#define HEAPWISE_GC_SURVIVORS_H_

#include <cstdint>

namespace heapwise::runtime::internal {

struct Survivors {
  uint64_t bytes = 0;  // of objects, each rounded to its size class
  uint64_t objects = 0;
};

// Has objects of that kind (gc_mark.h: GC_new_kind) counted; those of other kinds are not the program's, but what bdwgc
// and this library keep in the heap, and what somebody else had from bdwgc. Before the first of them.
void CountKind(unsigned kind);

// All objects of the counted kinds that are marked. Exact between the end of marking and the next collection, less what the program has
// allocated since. Whoever calls it holds bdwgc's lock.
//
// bdwgc's own GC_enumerate_reachable_objects_inner calls a function for each object, which takes several times as long
// (mem_stats_benchmark.cc shows both). It keeps a byte for each 16 bytes of a block, in the block's header, which is 1
// where a marked object begins; those of a block are added up eight at a time. Where they lie in the header no header file
// of bdwgc says. FindMarks has found out, or else the objects are enumerated.
Survivors CountSurvivors();

// Looks where bdwgc keeps its marks. Once, before the first collection, while there is one thread.
void FindMarks();

// Whether it found them.
bool MarksFound();

// The same number, one object at a time.
Survivors EnumerateSurvivors();

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_SURVIVORS_H_
