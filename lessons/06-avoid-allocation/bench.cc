#include "benchmarks/harness/lesson.h"
#include "lessons/06-avoid-allocation/lesson.h"

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  const std::vector<int64_t> sizes = {16, 64, 512, 4096, 65536};
  const std::vector<uint8_t> bytes(65536, 42);
  lesson.Slow([bytes](int64_t size) { return slow::Sum(std::span(bytes).first(size)); })
      .Sizes(sizes);
  lesson.Fast([bytes](int64_t size) { return fast::Sum(std::span(bytes).first(size)); })
      .Sizes(sizes);

  const std::vector<std::string> pieces(100, std::string(100, 'x'));
  lesson.Add("concatenate", [pieces] { return wrong::Join(pieces); });
  lesson.Add("append", [pieces] { return slow::Join(pieces); });
  lesson.Add("append_reserved", [pieces] { return fast::Join(pieces); });

  lesson.Add("push_back", [] { return slow::Numbers(1000); });
  lesson.Add("push_back_reserved", [] { return fast::Numbers(1000); });
}
