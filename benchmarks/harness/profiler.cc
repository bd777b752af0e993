// Gives the harness the heap profiler. Linked as an object into the programs that have it: nothing names it.
#include <cerrno>
#include <fstream>

#include "benchmarks/harness/profile.h"
#include "runtime/pprof/profile.h"

namespace {

using heapwise::bench::internal::Profiler;

bool WriteProfile(const std::string& path) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  if (file && heapwise::pprof::WriteHeapProfile(file)) return true;
  if (errno == 0) errno = EIO;
  return false;
}

constexpr Profiler kProfiler = {
    .set_rate = [](int64_t bytes) { heapwise::pprof::SetMemProfileRate(bytes); },
    .write = WriteProfile,
};

[[maybe_unused]] const bool known = [] {
  heapwise::bench::internal::SetProfiler(&kProfiler);
  return true;
}();

}  // namespace
