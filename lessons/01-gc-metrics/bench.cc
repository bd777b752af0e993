#include <iostream>
#include <string>

#include "benchmarks/harness/lesson.h"
#include "heapwise/debug.h"
#include "lessons/01-gc-metrics/lesson.h"
#include "lessons/01-gc-metrics/program.h"
#include "lessons/01-gc-metrics/readings.h"

namespace {

using Handler = uint64_t (*)(uint64_t request, Dashboard& dashboard);

constexpr int kOtherThreads = 4;  // where the name of a variant does not say how many

auto RequestsTo(Handler handle) {
  return [handle, request = uint64_t{0}, dashboard = Dashboard{}]() mutable {
    return handle(request++, dashboard);
  };
}

auto Beside(int other_threads) {
  return [other_threads] { KeepOtherThreads(other_threads); };
}

double MiB(uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

// The tutorial's program, once.
void AddProgram(heapwise::bench::Lesson& lesson, const std::string& name,
                program::Readings (*run)(std::ostream&), int gc_percent) {
  static program::Readings readings;
  const auto body = [run, gc_percent] {
    const int percent_before = heapwise::debug::SetGCPercent(gc_percent);
    readings = run(std::cerr);  // standard output belongs to the report, which may be JSON
    heapwise::debug::SetGCPercent(percent_before);
  };
  lesson.Add(name, body)
      .Operations(1)
      .Report("heap_alloc_mib", [] { return MiB(readings.after.HeapAlloc); })
      .Report("sys_mib", [] { return MiB(readings.after.Sys); });
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.OneProcessEach();
  lesson.Slow(RequestsTo(slow::Handle)).Setup(Beside(kOtherThreads));
  lesson.Fast(RequestsTo(fast::Handle)).Setup(Beside(kOtherThreads));
  lesson.Add("counters", RequestsTo(counters::Handle)).Setup(Beside(kOtherThreads));
  for (const int others : {0, 1, 2, 8}) {
    const std::string beside = "_beside_" + std::to_string(others);
    lesson.Add("slow" + beside, RequestsTo(slow::Handle)).Setup(Beside(others));
    lesson.Add("fast" + beside, RequestsTo(fast::Handle)).Setup(Beside(others));
    lesson.Add("counters" + beside, RequestsTo(counters::Handle)).Setup(Beside(others));
  }

  AddProgram(lesson, "program", program::RunAndDrop, 100);
  AddProgram(lesson, "program_kept", program::RunAndKeep, 100);
  AddProgram(lesson, "program_off", program::RunAndDrop, -1);

  static Tally tally;
  lesson.Add("forced", [] { CollectAndCompare(tally); })
      .Setup([] { tally = Tally(); })
      .Operations(300)
      .Report("total_alloc_fell", [] { return tally.total_alloc_fell; })
      .Report("heap_alloc_fell", [] { return tally.heap_alloc_fell; })
      .Report("num_gc_rose_by_one", [] { return tally.num_gc_rose_by_one; })
      .Report("last_pause_in_place", [] { return tally.last_pause_in_place; });
}
