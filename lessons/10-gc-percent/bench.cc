#include <string>
#include <utility>

#include "benchmarks/harness/lesson.h"
#include "heapwise/debug.h"
#include "lessons/10-gc-percent/lesson.h"

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.OneProcessEach();
  lesson.Slow(HandleRequest).Setup(slow::StartService).Operations(kRequests).RecordLatency();
  lesson.Fast(HandleRequest).Setup(fast::StartService).Operations(kRequests).RecordLatency();

  const std::pair<std::string, int> others[] = {
      {"gogc25", 25}, {"gogc100", 100}, {"gogc400", 400}, {"gogc_off", -1}};
  for (const auto& [name, percent] : others) {
    const auto start_service = [percent = percent] {
      LoadCatalogue();
      heapwise::debug::SetGCPercent(percent);
    };
    lesson.Add(name, HandleRequest).Setup(start_service).Operations(kRequests).RecordLatency();
  }
}
