// A lesson program for the harness's own tests: every kind of registration, with counts known beforehand. Environment
// variables that begin with SAMPLE_ make it another lesson.
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
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

// How often this thread touched a page that the process did not have.
int64_t PageFaults() {
  rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt;
}

int64_t faults = 0;  // of the loop

// Both hold so many bytes at once, and let go of them.
[[gnu::noinline]] void HoldCollected(int64_t bytes) {
  constexpr int64_t kPiece = 1024;  // with the byte that MakeSlice adds
  using Piece = std::span<char>;
  std::vector<Piece, heapwise::runtime::Allocator<Piece>> pieces(bytes / kPiece);
  for (Piece& piece : pieces) piece = heapwise::runtime::MakeSlice<char>(kPiece - 1);
  for (Piece& piece : pieces) piece = {};  // an old address of one retains that one alone
}

[[gnu::noinline]] void HoldNew(int64_t bytes) {
  const auto block = std::make_unique<char[]>(bytes);
  benchmark::DoNotOptimize(block.get());
}

void AddHolder(heapwise::bench::Lesson& lesson, const std::string& name, void (*hold)(int64_t),
               int64_t bytes) {
  lesson
      .Add(name,
           [hold, bytes] {
             const int64_t before = PageFaults();
             hold(bytes);
             faults += PageFaults() - before;
           })
      .Operations(1)
      .Setup([] {
        // As many collections as it takes to have free memory given back.
        for (int i = 0; i < 16; ++i) heapwise::runtime::GC();
        faults = 0;
      })
      .Report("page_faults", [] { return static_cast<double>(faults); });
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  if (std::getenv("SAMPLE_ONE_PROCESS_EACH") != nullptr) lesson.OneProcessEach();
  if (std::getenv("SAMPLE_NO_WARM_UP") != nullptr) lesson.NoWarmUp();
  if (const char* const mib = std::getenv("SAMPLE_HOLD_MIB")) {
    AddHolder(lesson, "hold_collected", HoldCollected, int64_t{std::atoi(mib)} << 20);
    AddHolder(lesson, "hold_new", HoldNew, int64_t{std::atoi(mib)} << 20);
    return;
  }
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
      .Report("answer", [] { return *prepared + 2.0; })
      .Report("bound_at_start", [] { return std::getenv("LD_BIND_NOW") != nullptr ? 1.0 : 0.0; });
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
