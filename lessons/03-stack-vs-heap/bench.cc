#include <string>

#include "benchmarks/harness/lesson.h"
#include "lessons/03-stack-vs-heap/child.h"
#include "lessons/03-stack-vs-heap/lesson.h"

namespace {

DiveEnd last_dive;

// A recursion in a child process, under stack limits of so many MiB.
void AddDives(heapwise::bench::Lesson& lesson, const std::string& place,
              const std::vector<int64_t>& limits_mib) {
  lesson.Add(place, [place](int64_t limit_mib) { last_dive = Dive(place, limit_mib << 20); })
      .Sizes(limits_mib)
      .Operations(1)
      .Report("depth_mib", [] { return static_cast<double>(last_dive.bytes) / (1 << 20); })
      .Report("exit_status", [] { return static_cast<double>(last_dive.exit_status); });
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.Slow([] { return slow::Sum<256>(); });
  lesson.Fast([] { return fast::Sum<256>(); });
  lesson.Add("unique", [] { return slow::SumUnique<256>(); });
  lesson.Add("kept", [] { return slow::SumKept(); });

  lesson.Add("slow/16", [] { return slow::Sum<16>(); });
  lesson.Add("fast/16", [] { return fast::Sum<16>(); });
  lesson.Add("unique/16", [] { return slow::SumUnique<16>(); });
  lesson.Add("slow/4096", [] { return slow::Sum<4096>(); });
  lesson.Add("fast/4096", [] { return fast::Sum<4096>(); });
  lesson.Add("unique/4096", [] { return slow::SumUnique<4096>(); });
  lesson.Add("slow/65536", [] { return slow::Sum<65536>(); });
  lesson.Add("fast/65536", [] { return fast::Sum<65536>(); });
  lesson.Add("unique/65536", [] { return slow::SumUnique<65536>(); });

  // For the number of collections, which hangs on the number of calls: 40 MiB of garbage.
  lesson.Add("garbage", [] { return slow::Sum<65536>(); }).Operations(640);

  AddDives(lesson, "main", {1, 2, 4, 8, 16});
  AddDives(lesson, "thread", {8});
  AddDives(lesson, "own_stack", {8});
  AddDives(lesson, "heap", {1, 2, 4, 8});
}
