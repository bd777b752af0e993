// Heap profiles of a running program, fetched over HTTP and read: what `go tool pprof -top -base` does with them, in
// small.
#ifndef HEAPWISE_LESSONS_09_LIVE_PROFILE_LIVE_PROFILE_H_
#define HEAPWISE_LESSONS_09_LIVE_PROFILE_LIVE_PROFILE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

// Bytes by the function that allocated them, its name demangled. Bytes of a growth may be negative.
using BytesByFunction = std::map<std::string, int64_t>;

// The heap profile, in pprof's format, that 127.0.0.1:port serves after a collection. Nothing where it serves none.
std::optional<std::string> FetchHeap(int port);

// What is in use by a heap profile; nothing by what is none.
BytesByFunction InUse(const std::string& profile);

// What is in use more, function by function.
BytesByFunction Growth(const BytesByFunction& early, const BytesByFunction& late);

// The bytes of the functions in whose names `part` occurs.
int64_t BytesOf(const BytesByFunction& bytes, const std::string& part);

// The same as a share of all positive bytes, 0 to 1; 0 where there are none.
double ShareOf(const BytesByFunction& bytes, const std::string& part);

#endif  // HEAPWISE_LESSONS_09_LIVE_PROFILE_LIVE_PROFILE_H_
