#ifndef HEAPWISE_PPROF_PROFILE_H_
#define HEAPWISE_PPROF_PROFILE_H_

#include <cstdint>
#include <iosfwd>
#include <string>
#include <system_error>
#include <vector>

// Go's heap profile for C++: which functions allocate, and which of it is still in use. It samples
// the garbage-collected heap and operator new alike, about one allocation in MemProfileRate bytes,
// from the start of a program that is linked with this library and calls it.
//
//   std::ofstream file("heap.pb.gz", std::ios::binary);
//   heapwise::pprof::WriteHeapProfile(file);               // then: go tool pprof -top heap.pb.gz
//
// Sampling. An allocation of s bytes is taken with probability 1 - exp(-s / rate): sample points
// lie on the bytes allocated as a Poisson process does, and points that fall into one object count
// as one.
//
// In use. A sampled object of the collected heap is in use until a collection finds it dead; memory
// of operator new until it is deleted.
//
// Publication, as in Go (mprof.go:73). A profile shows the moment at which the last collection
// stopped the world: what was allocated or deleted since waits for the next one. If nothing has
// been published yet, everything so far is.
//
// Stacks hold up to 128 frames, the innermost, as in Go. Encode and Text leave out the first ones
// as long as they are the allocator's, the standard library's or the runtime's own: the bytes are at the line
// that asked for them. What the profiler itself allocates is not in the profile.
//
// Every function is thread-safe; none needs a ThreadScope.
namespace heapwise::pprof {

// The allocations of one size from one place, sampled at one rate. Counts are those of the samples: not scaled up.
struct Sample {
  // Return addresses, innermost first, with the allocator's own frames.
  std::vector<uintptr_t> stack;
  uint64_t bytes_each = 0;
  uint64_t alloc_objects = 0;
  uint64_t alloc_bytes = 0;
  // In a Delta these two may have fallen: then they are two's complement, read them as int64_t.
  uint64_t inuse_objects = 0;
  uint64_t inuse_bytes = 0;
  int64_t rate = 0;  // the MemProfileRate at which these were sampled; 1 and below: all were
};

struct Profile {
  std::vector<Sample> samples;  // in no particular order
  int64_t rate = 0;             // MemProfileRate when it was taken, bytes
  int64_t time_unix_ns = 0;     // when it was taken
  int64_t duration_ns = 0;      // of a Delta; 0 otherwise
};

// Go's two profiles of the heap have the same samples; pprof shows the one by what is in use and
// the other by what was allocated, unless told.
enum class Kind { kHeap, kAllocs };

// What is published now.
Profile HeapProfile();

// What came between two profiles of this process: `later` minus `earlier`, as Go serves for
// ?seconds=N.
Profile Delta(const Profile& earlier, const Profile& later);

// The profile as pprof reads it: profile.proto, compressed with gzip. Counts are scaled up to
// estimates by 1 / (1 - exp(-bytes_each / rate)), the rate being the sample's own (protomem.go:72).
// Functions, files and lines are looked up in this process, which takes milliseconds for new addresses, and remembered.
std::string Encode(const Profile& profile, Kind kind);

// The profile as text: Go's debug=1 form, with MemStats at the end. Its reader scales, by one rate for all, the one in its
// first line: that of the samples, whose counts are then as they are. Where there are several it is the least, and the
// counts of the other samples are what one would have found at it, on average.
std::string Text(const Profile& profile);

// Writes Encode(HeapProfile(), kHeap); whether that succeeded, and to a file, what went wrong (errno's, or none).
bool WriteHeapProfile(std::ostream& out);
std::error_code WriteHeapProfileTo(const std::string& path);

// Sets the mean number of bytes from one sample to the next and returns what it was. 1 samples
// every allocation; 0 or less turns sampling off. The default is 524288. Each sample keeps the rate
// at which it was taken, so the rate may change at any time. It holds at once for operator new and
// for what the calling thread allocates; other threads finish the batches of collected objects that
// they hold (at most 4 KiB for each size) at the old rate.
int64_t SetMemProfileRate(int64_t bytes);

}  // namespace heapwise::pprof

#endif  // HEAPWISE_PPROF_PROFILE_H_
