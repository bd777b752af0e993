#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "benchmarks/harness/lesson.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/modes.h"
#include "lessons/02-gc-phases/lesson.h"

namespace {

using heapwise::runtime::Collection;
using heapwise::runtime::CollectionLog;
using heapwise::runtime::CurrentMode;
using heapwise::runtime::Mode;

constexpr int kCatalogueMib = 16;
constexpr int64_t kRequests = 3200;
constexpr int64_t kVisitingRequests = 2200;

// A live heap, and as many requests as make at least one collection of it. The largest is not among
// the variants of lesson.json, for it takes a second; the page has it run by hand.
struct Scale {
  int catalogue_mib;
  int64_t requests;
};
constexpr Scale kScales[] = {{1, 1600}, {4, 1600}, {64, 4400}, {256, 17'000}};

[[noreturn]] void Refuse(std::string_view why) {
  std::fprintf(stderr, "02-gc-phases: %.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(2);
}

// The incremental mode stays on for the rest of a process.
void StartStopped(int catalogue_mib) {
  if (CurrentMode() == Mode::kIncremental) {
    Refuse(
        "there is no way back from the incremental mode; run one variant at a time, such as "
        "--benchmark_filter=^slow/");
  }
  slow::StartService(catalogue_mib);
}

void StartWithOneMarker(int catalogue_mib) {
  if (const int markers = heapwise::runtime::Markers(); markers != 1) {
    Refuse(absl::StrCat("one_marker needs one marker, and there are ", markers,
                        "; start the program with GC_MARKERS=1 in its environment"));
  }
  StartStopped(catalogue_mib);
}

// Generational collections of the measured loop, which begins after a forced one.
double MinorCollections() {
  double minor = 0;
  for (const Collection& collection : CollectionLog::Since(0).collections) {
    if (collection.forced) {
      minor = 0;
    } else if (std::string_view(collection.kind) == "minor") {
      ++minor;
    }
  }
  return minor;
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.OneProcessEach();
  using Start = std::function<void(int)>;
  const auto with = [](const Start& start, int mib) { return [start, mib] { start(mib); }; };
  const auto set_up = [](heapwise::bench::Variant& variant, std::function<void()> setup,
                         int64_t requests) {
    variant.Setup(std::move(setup))
        .Operations(requests)
        .RecordLatency()
        .Report("minor_collections", MinorCollections);
  };
  set_up(lesson.Slow(HandleRequest), with(StartStopped, kCatalogueMib), kRequests);
  set_up(lesson.Add("slow_visiting", HandleVisitingRequest), with(StartStopped, kCatalogueMib),
         kVisitingRequests);
  for (const auto& [mib, requests] : kScales) {
    set_up(lesson.Add(absl::StrCat("stopped_", mib), HandleRequest), with(StartStopped, mib),
           requests);
  }

  set_up(lesson.Fast(HandleRequest), with(fast::StartService, kCatalogueMib), kRequests);
  set_up(lesson.Add("fast_visiting", HandleVisitingRequest),
         with(fast::StartService, kCatalogueMib), kVisitingRequests);
  for (const auto& [mib, requests] : kScales) {
    set_up(lesson.Add(absl::StrCat("incremental_", mib), HandleRequest),
           with(fast::StartService, mib), requests);
  }

  set_up(lesson.Add("one_marker", HandleRequest), with(StartWithOneMarker, kCatalogueMib),
         kRequests);
}
