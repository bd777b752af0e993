// The service that every variant of this lesson runs, and the container that it runs in. Only the memory limit differs.
//
// In the collected heap it has a catalogue, which lives as long as the process, and the garbage of its requests.
// Outside of it, where no GC limit reaches, each open connection has a thread with a stack and a buffer from malloc. How
// many connections are open differs from run to run.
#ifndef HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_SERVICE_H_
#define HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_SERVICE_H_

#include <cstdint>
#include <limits>

#include "lessons/12-container-headroom/container.h"

// The two numbers of the tutorial's manifest, in bytes.
struct Pod {
  int64_t container;   // resources.limits.memory
  int64_t gomemlimit;  // the value of GOMEMLIMIT
};

inline constexpr int64_t kMiB = 1 << 20;
inline constexpr int64_t kContainerBytes = 24 * kMiB;
inline constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();  // Go: math.MaxInt64

inline constexpr int64_t kCatalogueBytes =
    27 * kMiB / 2;  // doubled, as GOGC=100 lets it, it outgrows the container
inline constexpr int64_t kGarbageBytes = 16 * kMiB;  // what all requests together drop

// What a connection holds outside the collected heap: half of it stack, half of it buffer.
inline constexpr int64_t kConnectionBytes = 128 << 10;
inline constexpr int kFewestConnections = 11;
inline constexpr int kMostConnections = 21;

// The connections of a run: from kFewestConnections to kMostConnections, all equally likely; a seed gives the same
// number everywhere.
int ConnectionsOf(uint64_t seed);

struct Outcome {
  Ended ended;
  int64_t connections = 0;
  int64_t collections = 0;  // up to its end
  int64_t heap_peak = 0;    // the most that the collector held, as the limit counts it
  // The most memory in the container, as the kernel counted it; else of what is known
  int64_t peak = 0;
};

// Runs the service in a container of this kind, with so many connections. RunInContainer's conditions.
Outcome RunService(ContainerKind kind, const Pod& pod, int connections);

#endif  // HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_SERVICE_H_
