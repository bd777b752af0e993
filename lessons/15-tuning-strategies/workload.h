// The service that every variant of this lesson runs: a catalogue that lives as long as the process, and requests that
// each build a tree, walk it and drop it. At noon there is a rush: for a while the trees of some requests are kept, as
// the sessions of customers who are logged in, and what lives doubles. Then they log out.
//
// Only the collector's settings and the way the requests come differ between variants. One thread at a time, and one
// that is registered with the collector.
#ifndef HEAPWISE_LESSONS_15_TUNING_STRATEGIES_WORKLOAD_H_
#define HEAPWISE_LESSONS_15_TUNING_STRATEGIES_WORKLOAD_H_

#include <cstdint>

// Everything is trees of one size, perfect and of depth 8: 511 nodes of 32 bytes, 16 KiB.
inline constexpr int64_t kTreeNodes = (1 << 9) - 1;
inline constexpr int64_t kTreeBytes = kTreeNodes * 32;

// The catalogue has so many articles, each a tree: 3 MiB that live all day.
inline constexpr int64_t kArticles = 192;

// A day has so many requests. Those from kLogIn on keep their trees, kSessions of them: 3 MiB more that live. Request
// kLogOut drops them all.
inline constexpr int64_t kRequests = 1600;
inline constexpr int64_t kLogIn = 400;
inline constexpr int64_t kSessions = 192;
inline constexpr int64_t kLogOut = 1300;

// Loads the catalogue, drops all sessions and begins a new day.
void OpenShop();

// Drops catalogue and sessions, and gives free memory back to the system.
void CloseShop();

// Counts the nodes of the catalogue by walking it: kArticles x kTreeNodes.
int64_t CountCatalogue();

// How many sessions are kept now.
int64_t CountSessions();

// Answers the day's next request: builds its tree and returns the number of nodes that a walk finds in it. After the
// last request of a day the next day begins.
int64_t HandleRequest();

// The collections of the last rush: from when all sessions were there until they were dropped.
int64_t RushCollections();

// The most memory, in bytes, that the collector has held since OpenShop, counted as a memory limit counts it: Sys -
// HeapReleased. Looked at after every fourth request (64 KiB).
int64_t PeakMemory();

#endif  // HEAPWISE_LESSONS_15_TUNING_STRATEGIES_WORKLOAD_H_
