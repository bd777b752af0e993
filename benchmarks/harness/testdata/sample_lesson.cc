// A lesson program for the harness's own tests: every kind of registration, with counts known beforehand.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/harness/lesson.h"
#include "benchmarks/harness/profile.h"
#include "runtime/heap.h"

namespace {

std::unique_ptr<int> prepared;

struct Node {
  Node* left;
  Node* right;
};

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  if (std::getenv("SAMPLE_ONE_PROCESS_EACH") != nullptr) lesson.OneProcessEach();
  lesson.Slow([] { return std::make_unique<int>(42); });
  lesson.Fast([] { return 42; });
  lesson.Add("gc", [] { return heapwise::runtime::New<Node>(); }).Threads({2});
  lesson.Add("string", [](int64_t size) { return std::string(size, 'x'); }).Sizes({100, 1000});
  lesson.Add("requests", [] { return heapwise::runtime::MakeSlice<char>(64 << 10); })
      .Operations(1000)
      .RecordLatency();
  lesson.Add("prepared", [text = std::string()]() mutable { text.push_back('x'); })
      .Operations(3)
      .Setup([] { prepared = std::make_unique<int>(40); })
      .Report("answer", [] { return *prepared + 2.0; });
  lesson
      .Add("keeps",
           [kept = std::vector<std::string>()]() mutable {
             kept.emplace_back(1 << 20, 'x');
             if (kept.size() == 2) heapwise::bench::SaveProfile("early");
           })
      .Operations(8);
}
