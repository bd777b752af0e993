#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "benchmarks/harness/lesson.h"
#include "heapwise/heap.h"
#include "heapwise/pprof/profile.h"
#include "lessons/08-heap-profile/lesson.h"
#include "lessons/08-heap-profile/sites.h"

namespace {

namespace pprof = heapwise::pprof;

constexpr int kReports = 1000;
constexpr int kFieldsOfAReport = 5 * kSalesOfADay;
const std::string kHotLine = "slow.cc:7";

// The next report, day after day.
template <class Make>
std::string Next(Make make) {
  static int reports = 0;
  return make(Sales(), reports++ % kDays);
}

// What a copy of the header allocates, counted. The hot line makes one for each field.
heapwise::bench::Allocations HeaderCopy() {
  return heapwise::bench::CountAllocations([] { const auto copy = Sales().columns(); });
}

double TrueBytes(int reports) {
  return static_cast<double>(HeaderCopy().bytes()) * kFieldsOfAReport * reports;
}

// How far a profile's estimate of these bytes lies from the truth, typically.
double Sigma(int reports, int64_t rate) {
  const std::vector<std::string>& columns = Sales().columns();
  std::vector<double> sizes = {static_cast<double>(columns.size() * sizeof(std::string))};
  for (const std::string& name : columns) {
    if (name.size() > std::string().capacity())
      sizes.push_back(static_cast<double>(name.size()) + 1);
  }
  return SigmaBytes(kFieldsOfAReport * reports, sizes, static_cast<double>(rate));
}

// The profile of a loop.
class Profiled {
 public:
  void Start(int64_t rate) {
    Sales();
    pprof::SetMemProfileRate(rate);
    heapwise::runtime::GC();
    before_ = pprof::HeapProfile();
    profile_.reset();
  }

  // From Start to the first call.
  const pprof::Profile& Made() {
    if (!profile_) {
      heapwise::runtime::GC();
      profile_ = pprof::Delta(before_, pprof::HeapProfile());
      pprof::SetMemProfileRate(0);
    }
    return *profile_;
  }

  Site Hot() { return SiteAt(Made(), kHotLine); }

  // The hot line's part of what the lesson's lines allocated.
  double HotShare() {
    double sum = 0;
    for (const Site& site : Sites(Made())) sum += site.alloc_bytes;
    return Hot().alloc_bytes / sum;
  }

 private:
  pprof::Profile before_;
  std::optional<pprof::Profile> profile_;
};

Profiled profiled;

double CountedShare() {
  const auto report = heapwise::bench::CountAllocations([] { slow::Report(Sales(), 0); });
  return TrueBytes(1) / static_cast<double>(report.bytes());
}

// The slow reports, profiled at that rate.
heapwise::bench::Variant& AddProfiled(heapwise::bench::Lesson& lesson, const std::string& name,
                                      int reports, int64_t rate) {
  return lesson.Add(name, [] { return Next(slow::Report); })
      .Setup([rate] { profiled.Start(rate); })
      .Operations(reports)
      .Report("hot_share", [] { return profiled.HotShare(); })
      .Report("hot_share_counted", CountedShare)
      .Report("hot_over_counted",
              [reports] { return profiled.Hot().alloc_bytes / TrueBytes(reports); })
      .Report("hot_inuse_bytes", [] { return profiled.Hot().inuse_bytes; });
}

// How many reports a profile shows that is taken after the first and before any collection; after the
// second, still without one; and after a collection.
struct Shown {
  double first, second, collected;
};
Shown shown;

Shown Publish() {
  Sales();
  pprof::SetMemProfileRate(1);
  const auto reports_in_profile = [] {
    return SiteAt(pprof::HeapProfile(), kHotLine).alloc_bytes / TrueBytes(1);
  };
  Shown result;
  slow::Report(Sales(), 0);
  result.first = reports_in_profile();
  slow::Report(Sales(), 1);
  result.second = reports_in_profile();
  heapwise::runtime::GC();
  result.collected = reports_in_profile();
  pprof::SetMemProfileRate(0);
  return result;
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.OneProcessEach();
  const auto load = [] { Sales(); };
  lesson.Slow([] { return Next(slow::Report); }).Setup(load).Operations(kReports);
  lesson.Fast([] { return Next(fast::Report); }).Setup(load).Operations(kReports);
  lesson.Add("guess", [] { return Next(guess::Report); }).Setup(load).Operations(kReports);

  constexpr int64_t kDefaultRate = 512 << 10;
  AddProfiled(lesson, "rate512k", kReports, kDefaultRate)
      .Report("sigma_of_profile",
              [] { return Sigma(kReports, kDefaultRate) / TrueBytes(kReports); })
      .Report("deviation_sigmas", [] {
        const double error = std::abs(profiled.Hot().alloc_bytes - TrueBytes(kReports));
        return std::round(error / Sigma(kReports, kDefaultRate) * 10) / 10;
      });
  AddProfiled(lesson, "rate1", kReports / 20, 1);

  lesson.Add("published", [] { return Next(slow::Report); })
      .Setup([] { shown = Publish(); })
      .Operations(1)
      .Report("reports_shown_first", [] { return shown.first; })
      .Report("reports_shown_second", [] { return shown.second; })
      .Report("reports_shown_collected", [] { return shown.collected; });
}
