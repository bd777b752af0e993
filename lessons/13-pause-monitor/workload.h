// The service that is watched: ten minutes of requests that leave little alive, and in two of them an export
// that keeps a million rows in memory. Collections are short and frequent without the export, long and rare
// with it. (A minute here is a number of requests, and over in a fraction of a second.)
//
// One thread at a time, and one that is registered with the collector.
#ifndef HEAPWISE_LESSONS_13_PAUSE_MONITOR_WORKLOAD_H_
#define HEAPWISE_LESSONS_13_PAUSE_MONITOR_WORKLOAD_H_

#include <cstddef>
#include <cstdint>

inline constexpr uint64_t kTargetNs = 10'000'000;  // no pause should be longer: 10 ms

inline constexpr int kMinutes = 10;
inline constexpr int kExportBegins = 6;  // minutes are counted from 1
inline constexpr int kExportEnds = 7;
inline constexpr int kRequestsPerMinute = 800;
inline constexpr size_t kReplyBytes = 64 << 10;  // the garbage of one request
inline constexpr int64_t kRows = 1 << 20;        // of 32 bytes each: 32 MiB live

// Serves one minute: kRequestsPerMinute requests, with the export in memory from the beginning of minute
// kExportBegins to the end of minute kExportEnds. Returns how many requests took longer than kTargetNs.
int ServeMinute(int minute);

// Answers one request. Returns the length of the reply in bytes.
size_t HandleRequest();

// Loads the export's rows and keeps them reachable; drops them, and collects, so that no request has to clear
// them away.
void LoadExport();
void DropExport();

// Counts the rows in memory by walking them: kRows while the export runs, else 0.
int64_t CountExport();

#endif  // HEAPWISE_LESSONS_13_PAUSE_MONITOR_WORKLOAD_H_
