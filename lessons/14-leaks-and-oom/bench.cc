#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/harness/lesson.h"
#include "lessons/14-leaks-and-oom/lesson.h"
#include "lessons/14-leaks-and-oom/mortal.h"
#include "lessons/14-leaks-and-oom/retained.h"

namespace {

using heapwise::bench::Lesson;
using heapwise::bench::Variant;

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kMostRequests = 24'000;  // of a process that does not die

int64_t live_before = 0;
int64_t rendered_before = 0;

// live_bytes: what the requests have left alive. hits: the share of them that was answered without rendering.
void Serve(Variant& variant, int64_t requests) {
  variant.Operations(requests)
      .Setup([] {
        live_before = LiveBytes();
        rendered_before = Rendered();
      })
      .Report("live_bytes", [] { return static_cast<double>(LiveBytes() - live_before); })
      .Report("hits", [requests] {
        return 1 -
               static_cast<double>(Rendered() - rendered_before) / static_cast<double>(requests);
      });
}

auto AnswerBy(FindPage find) {
  return [find, requests = Requests()]() mutable { return Answer(find, requests.NextKey()); };
}

void Retain(Lesson& lesson, const char* name, void (*retain)()) {
  lesson.Add(name, retain)
      .Operations(1)
      .Setup([] { live_before = LiveBytes(); })
      .Report("live_bytes", [] { return static_cast<double>(LiveBytes() - live_before); });
}

// One operation is the life of a process that can take so many MiB.
void LetDie(Lesson& lesson, const char* name, bool memory_limit, FindPage find,
            std::vector<int64_t> sizes) {
  static Life life;
  const auto live = [=](int64_t mib) {
    life = ServeWithin(mib * kMiB, memory_limit, kMostRequests, find);
  };
  lesson.Add(name, live)
      .Sizes(std::move(sizes))
      .Operations(1)
      .Report("lived_requests", [] { return static_cast<double>(life.requests); })
      .Report("life_collections", [] { return static_cast<double>(life.collections); })
      .Report("exit_status", [] { return static_cast<double>(life.status); });
}

}  // namespace

void RegisterLesson(Lesson& lesson) {
  lesson.OneProcessEach();
  Serve(lesson.Slow(AnswerBy(slow::Find)), kRequests);
  Serve(lesson.Fast(AnswerBy(fast::Find)), kRequests);
  Serve(lesson.Add("none", AnswerBy(none::Find)), kRequests);
  Serve(lesson.Add("weak", AnswerBy(weak::Find)), kRequests);
  for (const int64_t requests : {2000, 4000, 8000}) {
    Serve(lesson.Add("slow_" + std::to_string(requests), AnswerBy(slow::Find)), requests);
  }
  Serve(lesson.Add("fast_2000", AnswerBy(fast::Find)), 2000);
  Retain(lesson, "stale_slot", PopReport);
  Retain(lesson, "cleared_slot", PopReportAndClear);
  Retain(lesson, "number_scanned", LogInScannedMemory);
  Retain(lesson, "number_pointer_free", LogInPointerFreeMemory);
  LetDie(lesson, "dies", false, slow::Find, {6, 12});
  LetDie(lesson, "dies_limited", true, slow::Find, {6});
  LetDie(lesson, "lives", false, fast::Find, {6});
}
