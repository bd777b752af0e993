// The service that every variant of this lesson runs: a catalogue that lives as long as the
// process, and requests that each build a tree, read it once and drop it. Only the GC percentage
// differs between variants.
//
// The shapes are those of the classic binary-trees benchmark, which build/bin/binary_trees runs in
// full. One thread at a time, and one that is registered with the collector.
#ifndef HEAPWISE_LESSONS_10_GC_PERCENT_WORKLOAD_H_
#define HEAPWISE_LESSONS_10_GC_PERCENT_WORKLOAD_H_

#include <cstdint>

// A perfect binary tree of depth d has 2^(d+1) - 1 nodes. Each request drops 1/1026 of what lives
// on.
inline constexpr int64_t kCatalogueNodes = (1 << 19) - 1;  // depth 18: the live heap
inline constexpr int64_t kRequestNodes = (1 << 9) - 1;     // depth 8: the garbage of one request

// What the benchmarks serve: about 6.2 times as much garbage as there is live heap.
inline constexpr int64_t kRequests = 6400;

// Builds the catalogue and keeps it reachable; a catalogue that is there already is dropped first.
void LoadCatalogue();

// Drops the catalogue.
void DropCatalogue();

// Counts the nodes of the catalogue by walking it.
int64_t CountCatalogue();

// What Go's formula for the heap goal starts from, in bytes.
struct LiveHeap {
  uint64_t live_bytes;  // what survived the last collection
  uint64_t root_bytes;  // stacks and globals, from which it was reached
};

// Collects, and tells what was found.
LiveHeap CollectAndMeasure();

// Answers one request: builds its tree and returns the number of nodes that a walk finds in it.
int64_t HandleRequest();

#endif  // HEAPWISE_LESSONS_10_GC_PERCENT_WORKLOAD_H_
