#include "lessons/15-tuning-strategies/strategies.h"

#include "heapwise/debug.h"
#include "lessons/15-tuning-strategies/workload.h"

namespace debug = heapwise::debug;

namespace strategies {

void StartDefault() {
  OpenShop();
  debug::SetGCPercent(100);  // the default: collect when the heap has doubled
}

void StartWithLimit() {
  OpenShop();
  debug::SetGCPercent(100);  // the default, and as soon as memory is nearly used up, more often
  debug::SetMemoryLimit(kLimitBytes);  // as GOMEMLIMIT=11MiB does
}

}  // namespace strategies
