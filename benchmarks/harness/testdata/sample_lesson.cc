// A lesson program for the harness's own tests: every kind of registration, with counts known beforehand.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/harness/lesson.h"
#include "benchmarks/harness/profile.h"
#include "heapwise/base/clock.h"
#include "heapwise/heap.h"

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
  // Asleep, so that two threads do not disturb each other; its own clock is what its times are held against.
  static std::atomic<uint64_t> first_ns;
  lesson
      .Add("sleeps",
           [] {
             if (first_ns == 0) first_ns = heapwise::runtime::MonotonicNanos();
             std::this_thread::sleep_for(std::chrono::milliseconds(20));
           })
      .Threads({2})
      .Operations(3)
      .Setup([] { first_ns = 0; })
      .Report("wall_ns",
              [] { return static_cast<double>(heapwise::runtime::MonotonicNanos() - first_ns); });
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
             if (kept.size() != 2) return;
             const char* const name = std::getenv("SAMPLE_PROFILE");
             heapwise::bench::SaveProfile(name == nullptr ? "early" : name);
           })
      .Operations(8);
}
