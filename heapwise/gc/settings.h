#ifndef HEAPWISE_GC_SETTINGS_H_
#define HEAPWISE_GC_SETTINGS_H_

#include <chrono>
#include <cstdint>

#include "heapwise/gc/collect_lock.h"

// What the collector goes by: GOGC, GOMEMLIMIT and GODEBUG as they were at the start, and what the program has changed
// since. Any thread may read them at any time; each change is made under the CollectLock.
namespace heapwise::runtime::internal {

int GcPercent();        // -1: off
int64_t MemoryLimit();  // bytes; kNoMemoryLimit (environment.h): none
bool Incremental();     // marking in steps; once on, it stays on
int MarkerCount();      // threads that mark
bool Gctrace();         // a line for each collection

// From the environment, once, before there are threads. Exits with status 2 where GOMEMLIMIT is malformed.
void ReadSettings();

// Set the value and return the old one; see debug.h. A negative percentage is off, a negative limit only reads. They take
// the CollectLock.
int ExchangeGcPercent(int percent);
int64_t ExchangeMemoryLimit(int64_t limit);

// See EnableIncremental (modes.h). The collector has been started. Takes the CollectLock.
void SwitchToIncremental(std::chrono::milliseconds pause_target);

void SetMarkerCount(int markers);

// Registers a function to be called after each change of the percentage, the limit or the mode, with the CollectLock held
// and no other. At most eight, before main.
void AtSettingChange(void (*callback)());

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_SETTINGS_H_
