#include <cmath>
#include <cstdint>

#include "benchmarks/harness/lesson.h"
#include "heapwise/debug.h"
#include "lessons/16-capstone/lesson.h"
#include "lessons/16-capstone/traffic.h"

namespace {

using heapwise::bench::Variant;

constexpr int64_t kRequests = 12'000;

Clients clients;

// Has the trace served. Adds what the lesson measures of its own: peak_percent_of_budget, the most
// memory held of what a limit counts, rounded up.
void Serve(Variant& variant, void (*start_service)()) {
  variant
      .Setup([start_service] {
        start_service();
        clients.Send(MakeTrace(/*seed=*/16, kRequests));
      })
      .Operations(kRequests)
      .RecordLatency()
      .Report("peak_percent_of_budget", [] {
        return std::ceil(100 * static_cast<double>(clients.peak_memory()) / kBudgetBytes);
      });
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.OneProcessEach();
  Serve(lesson.Slow([] { clients.Next(slow::Answer); }), slow::StartService);
  Serve(lesson.Fast([] { clients.Next(fast::Answer); }), fast::StartService);

  Serve(lesson.Add("step1", [] { clients.Next(step1::Answer); }), step1::StartService);
  Serve(lesson.Add("step2", [] { clients.Next(step2::Answer); }), step2::StartService);
  Serve(lesson.Add("step3", [] { clients.Next(step3::Answer); }), step3::StartService);

  // Steps 2, 3 and 4 alone; step 1 is the first anyway.
  Serve(lesson.Add("pool_alone", [] { clients.Next(pool_alone::Answer); }), slow::StartService);
  Serve(lesson.Add("percent_alone", [] { clients.Next(slow::Answer); }), [] {
    heapwise::debug::SetGCPercent(200);
    slow::StartService();
  });
  Serve(lesson.Add("limit_alone", [] { clients.Next(slow::Answer); }), [] {
    heapwise::debug::SetMemoryLimit(kBudgetBytes / 10 * 9);
    slow::StartService();
  });
}
