#include <cmath>
#include <cstdint>
#include <string>

#include "benchmarks/harness/lesson.h"
#include "heapwise/debug.h"
#include "heapwise/mem_stats.h"
#include "lessons/11-memory-limit/lesson.h"

namespace {

using heapwise::bench::Variant;

// Near the limit a request costs as much as many do elsewhere: fewer of them.
constexpr int64_t kRequestsNearTheLimit = 700;

// Adds what the lesson measures of its own: peak_percent_of_limit, the most memory held of what the
// limit counts, rounded up; put_off, the collections that the GC CPU limiter has put off since the
// process started.
void MeasureAgainst(int64_t limit, Variant& variant) {
  variant.Report("peak_percent_of_limit", [limit] {
    return std::ceil(100 * static_cast<double>(PeakMemory()) / static_cast<double>(limit));
  });
  variant.Report("put_off",
                 [] { return static_cast<double>(heapwise::runtime::ReadHeapCounters().limited); });
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.OneProcessEach();
  MeasureAgainst(kBudgetBytes,
                 lesson.Slow(HandleRequest).Setup(slow::StartService).Operations(kRequests));
  MeasureAgainst(kBudgetBytes,
                 lesson.Fast(HandleRequest).Setup(fast::StartService).Operations(kRequests));

  const auto add = [&lesson](const std::string& name, int64_t limit, int64_t requests) {
    const auto start_service = [limit] {
      heapwise::debug::SetGCPercent(-1);
      heapwise::debug::SetMemoryLimit(limit);
      LoadCatalogue();
    };
    MeasureAgainst(limit,
                   lesson.Add(name, HandleRequest).Setup(start_service).Operations(requests));
  };
  add("limit_075", kLiveBytes * 3 / 4, kRequests);
  add("limit_120", kLiveBytes * 6 / 5, kRequestsNearTheLimit);
  add("limit_200", kLiveBytes * 2, kRequests);
  add("limit_400", kLiveBytes * 4, kRequests);
}
