#ifndef HEAPWISE_GC_FORCER_H_
#define HEAPWISE_GC_FORCER_H_

#include <chrono>

// The thread that forces a collection when the last one was two minutes ago and GOGC is not off, as Go's sysmon does
// (mgc.go:714, proc.go:6527): none before the first, and it counts as automatic. It sleeps unregistered, so that no stop
// of the world waits for it.
namespace heapwise::runtime::internal {

// Once, before anything else here.
void PrepareForcer();

// Starts the thread; where there is none to be had, nothing is forced. `force` is what it calls, registered with the
// collector and with no lock held.
void StartForcer(void (*force)());

// Has the thread look anew at what it goes by: the percentage, and the last collection. Any thread; holds the forcer's
// mutex for a moment.
void WakeForcer();

// The child of a fork does not have the thread. The caller is alone.
void ForgetForcer();

// The period, for tests. The child of a fork forces no collection before the first one of its own. Any thread.
void SetForcePeriod(std::chrono::nanoseconds period);

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_FORCER_H_
