// The service that every variant of this lesson runs: a catalogue that lives as long as the
// process, and requests that each build a tree, read it once and drop it. Only the collector's
// settings differ between variants.
//
// One thread at a time, and one that is registered with the collector.
#ifndef HEAPWISE_LESSONS_11_MEMORY_LIMIT_WORKLOAD_H_
#define HEAPWISE_LESSONS_11_MEMORY_LIMIT_WORKLOAD_H_

#include <cstdint>

// A perfect binary tree of depth d has 2^(d+1) - 1 nodes, of 32 bytes each.
inline constexpr int64_t kCatalogueNodes = (1 << 19) - 1;  // depth 18: the live heap
inline constexpr int64_t kRequestNodes = (1 << 9) - 1;     // depth 8: the garbage of one request
inline constexpr int64_t kLiveBytes = 16 << 20;            // the catalogue, but for one node

// What the benchmarks serve: 5.5 times as much garbage as there is live heap.
inline constexpr int64_t kRequests = 5600;

// Builds the catalogue and keeps it reachable; one that is there already is dropped first.
void LoadCatalogue();

// Drops the catalogue, and gives free memory back to the system.
void DropCatalogue();

// Counts the nodes of the catalogue by walking it.
int64_t CountCatalogue();

// Answers one request: builds its tree and returns the number of nodes that a walk finds in it.
int64_t HandleRequest();

// The most memory, in bytes, that the collector has held since the catalogue was loaded, counted as
// a memory limit counts it: Sys - HeapReleased. Looked at after every eighth request (128 KiB of
// garbage).
int64_t PeakMemory();

#endif  // HEAPWISE_LESSONS_11_MEMORY_LIMIT_WORKLOAD_H_
