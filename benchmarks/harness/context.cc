#include "benchmarks/harness/context.h"

#include <gc/gc.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "heapwise/base/clock.h"
#include "heapwise/modes.h"

namespace heapwise::bench {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "not set" : value;
}

}  // namespace

void AddConditions() {
  // For the runner, which watches from outside: what it saw when, on the clock of the events of this process.
  benchmark::AddCustomContext("start_ns", absl::StrCat(runtime::ProcessStartNanos()));
  benchmark::AddCustomContext("compiler", HEAPWISE_COMPILER);
  benchmark::AddCustomContext("build_type", HEAPWISE_BUILD_TYPE);
  benchmark::AddCustomContext("flags", HEAPWISE_FLAGS);
  const unsigned bdwgc = GC_get_version();  // the library's own, not the header's
  benchmark::AddCustomContext(
      "bdwgc", absl::StrCat(bdwgc >> 16, ".", (bdwgc >> 8) & 0xff, ".", bdwgc & 0xff));
  benchmark::AddCustomContext("gc_mode", runtime::ModeName(runtime::CurrentMode()));
  benchmark::AddCustomContext("gc_markers", absl::StrCat(runtime::Markers()));
  benchmark::AddCustomContext("gogc", Environment("GOGC"));
  benchmark::AddCustomContext("gomemlimit", Environment("GOMEMLIMIT"));
  benchmark::AddCustomContext("initial_heap", Environment("GC_INITIAL_HEAP_SIZE"));
}

}  // namespace heapwise::bench
