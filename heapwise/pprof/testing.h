#ifndef HEAPWISE_PPROF_TESTING_H_
#define HEAPWISE_PPROF_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

// What several tests of the profiler share: profiles read back.
namespace heapwise::pprof::testing {

// One function on a stack of an encoded profile.
struct DecodedFrame {
  std::string function;  // demangled; empty where only the file is known that holds the address
  std::string file;
  int64_t line = 0;
  int64_t start_line = 0;
};

// One sample of an encoded profile.
struct Decoded {
  std::vector<DecodedFrame> frames;  // innermost first
  int64_t values[4];  // as profile.proto orders them: allocated and in use, objects and bytes
};

// Reads gzipped profile.proto; fails the calling test where ids or strings do not fit together.
std::vector<Decoded> Decode(const std::string& encoded);

// The line of a file that ends in `mark`, counted from 1; 0 where there is none.
int64_t LineOf(const std::string& file, const std::string& mark);

}  // namespace heapwise::pprof::testing

#endif  // HEAPWISE_PPROF_TESTING_H_
