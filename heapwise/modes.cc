#include "heapwise/modes.h"

#include "heapwise/gc/collector.h"
#include "heapwise/gc/settings.h"

namespace heapwise::runtime {

Mode CurrentMode() {
  if (internal::Incremental()) return Mode::kIncremental;
  return Markers() > 1 ? Mode::kParallel : Mode::kStopTheWorld;
}

const char* ModeName(Mode mode) {
  switch (mode) {
    case Mode::kStopTheWorld:
      return "stop-the-world";
    case Mode::kParallel:
      return "parallel";
    case Mode::kIncremental:
      return "incremental";
  }
  return "";
}

int Markers() { return internal::MarkerCount(); }

void EnableIncremental(std::chrono::milliseconds pause_target) {
  internal::InitCollector();
  internal::SwitchToIncremental(pause_target);
}

}  // namespace heapwise::runtime
