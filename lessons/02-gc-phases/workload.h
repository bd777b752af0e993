// The service that every variant of this lesson runs: a catalogue that lives as long as the
// process, and requests that each build a tree, read it once and drop it. Only the collector
// differs between variants.
//
// One thread at a time, and one that is registered with the collector.
#ifndef HEAPWISE_LESSONS_02_GC_PHASES_WORKLOAD_H_
#define HEAPWISE_LESSONS_02_GC_PHASES_WORKLOAD_H_

#include <cstdint>

inline constexpr int64_t kEntryBytes = 32;
inline constexpr int64_t kEntriesPerMib = (1 << 20) / kEntryBytes;
inline constexpr int64_t kRequestNodes = (1 << 9) - 1;  // 16 KiB of garbage
inline constexpr int kVisitsPerRequest = 8;

// Builds a catalogue of mib * kEntriesPerMib - 1 entries, a perfect binary tree where mib is a
// power of two, and keeps it reachable; a catalogue that is there already is dropped first.
void LoadCatalogue(int mib);

// Drops the catalogue.
void DropCatalogue();

// What a walk over the whole catalogue finds.
struct CatalogueCount {
  int64_t entries;
  int64_t visits;
};
CatalogueCount CountCatalogue();

// Answers one request: builds a tree and returns the number of nodes that a walk finds in it. The
// catalogue is left alone.
int64_t HandleRequest();

// The same, and notes a visit in kVisitsPerRequest random entries of the catalogue: it writes to
// old objects.
int64_t HandleVisitingRequest();

#endif  // HEAPWISE_LESSONS_02_GC_PHASES_WORKLOAD_H_
