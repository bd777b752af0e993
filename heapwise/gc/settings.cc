#include "heapwise/gc/settings.h"

#include <atomic>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/callback_list.h"
#include "heapwise/base/fatal.h"
#include "heapwise/gc/environment.h"
#include "heapwise/gc/heap_memory.h"

namespace heapwise::runtime::internal {
namespace {

struct Settings {
  std::atomic<int> gc_percent{100};
  std::atomic<int64_t> memory_limit{kNoMemoryLimit};
  std::atomic<bool> incremental{false};
  std::atomic<int> markers{1};
  bool gctrace = false;  // does not change after ReadSettings
};
constinit Settings settings;
constinit CallbackList change_callbacks;

std::string_view Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int GcPercent() { return settings.gc_percent.load(); }
int64_t MemoryLimit() { return settings.memory_limit.load(std::memory_order_relaxed); }
bool Incremental() { return settings.incremental.load(std::memory_order_relaxed); }
int MarkerCount() { return settings.markers.load(); }
bool Gctrace() { return settings.gctrace; }

void ReadSettings() {
  settings.gc_percent.store(ParseGogc(Variable("GOGC")));
  const std::optional<int64_t> limit = ParseGomemlimit(Variable("GOMEMLIMIT"));
  if (!limit) {
    Fatal(
        "GOMEMLIMIT=%s\nfatal error: malformed GOMEMLIMIT; expected bytes, or a number with B, "
        "KiB, MiB, GiB or TiB, or off\n",
        std::getenv("GOMEMLIMIT"));
  }
  settings.memory_limit.store(*limit);
  settings.gctrace = ParseGodebug(Variable("GODEBUG"), "gctrace") > 0;
  if (ParseGodebug(Variable("GODEBUG"), "disablethp") != 0) UseSmallPages();
}

int ExchangeGcPercent(int percent) {
  const CollectLock lock;
  const int old = settings.gc_percent.exchange(percent < 0 ? -1 : percent);
  change_callbacks.Run();
  return old;
}

int64_t ExchangeMemoryLimit(int64_t limit) {
  const CollectLock lock;
  const int64_t old = settings.memory_limit.load();
  if (limit >= 0) {
    settings.memory_limit.store(limit);
    change_callbacks.Run();
  }
  return old;
}

void SwitchToIncremental(std::chrono::milliseconds pause_target) {
  const CollectLock lock;
  // Half of the target: bdwgc looks at the clock now and then only, and sweeping begins right after.
  const long microseconds = std::chrono::microseconds(pause_target).count() / 2;
  GC_set_time_limit_tv({static_cast<unsigned long>(microseconds / 1000),
                        static_cast<unsigned long>(microseconds % 1000 * 1000)});
  UseSmallPages();
  GC_enable_incremental();
  settings.markers.store(1);
  settings.incremental.store(true);
  change_callbacks.Run();
}

void SetMarkerCount(int markers) { settings.markers.store(markers); }

void AtSettingChange(void (*callback)()) { change_callbacks.Add(callback); }

}  // namespace heapwise::runtime::internal
