// Gives the harness the heap profiler. Linked as an object into the programs that have it: nothing names it.
#include <string>
#include <system_error>

#include "benchmarks/harness/profile.h"
#include "heapwise/pprof/profile.h"

namespace {

using heapwise::bench::internal::Profiler;

constexpr Profiler kProfiler = {
    .set_rate = [](int64_t bytes) { heapwise::pprof::SetMemProfileRate(bytes); },
    .write =
        [](const std::string& path) {
          const std::error_code error = heapwise::pprof::WriteHeapProfileTo(path);
          return error ? "cannot write the heap profile to " + path + ": " + error.message()
                       : std::string();
        },
};

[[maybe_unused]] const bool known = [] {
  heapwise::bench::internal::SetProfiler(&kProfiler);
  return true;
}();

}  // namespace
