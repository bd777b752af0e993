#ifndef HEAPWISE_RUNTIME_PPROF_TESTING_H_
#define HEAPWISE_RUNTIME_PPROF_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

// What several tests of the profiler share: profiles read back, and programs run.
namespace heapwise::pprof::testing {

// One sample of an encoded profile.
struct Decoded {
  std::string function;  // the innermost frame, demangled
  std::string file;
  int64_t line;
  std::vector<std::string> callers;  // demangled, outwards
  int64_t values[4];  // as profile.proto orders them: allocated and in use, objects and bytes
};

// Reads gzipped profile.proto; fails the calling test where ids or strings do not fit together.
std::vector<Decoded> Decode(const std::string& encoded);

// The line of a file that ends in `mark`, counted from 1; 0 where there is none.
int64_t LineOf(const std::string& file, const std::string& mark);

std::string ReadFile(const std::string& path);

struct Ran {
  int status;
  std::string output;  // standard output and error
};
Ran Run(const std::string& command);

}  // namespace heapwise::pprof::testing

#endif  // HEAPWISE_RUNTIME_PPROF_TESTING_H_
