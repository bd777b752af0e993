// main() of every lesson program: Google Benchmark's own, with two flags more.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>

#include "benchmark/benchmark.h"
#include "benchmarks/harness/context.h"
#include "benchmarks/harness/lesson.h"
#include "benchmarks/harness/measurement.h"
#include "runtime/heap.h"

namespace {

constexpr std::string_view kSeedFlag = "--heapwise_seed=";
constexpr std::string_view kTimelineFlag = "--heapwise_timeline=";
constexpr int kUsageError = 2;

// Takes our flags out of argv, so that Google Benchmark sees only its own. False: malformed, and said so.
bool TakeFlags(int* argc, char** argv, std::optional<uint64_t>* seed) {
  int kept = 1;
  for (int i = 1; i < *argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg.starts_with(kSeedFlag)) {
      const std::string_view digits = arg.substr(kSeedFlag.size());
      uint64_t value = 0;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error != std::errc() || end != digits.data() + digits.size()) {
        std::fprintf(stderr, "%s: must be a whole number from 0 to 2^64-1\n", argv[i]);
        return false;
      }
      *seed = value;
    } else if (arg.starts_with(kTimelineFlag)) {
      if (arg.size() == kTimelineFlag.size()) {
        std::fprintf(stderr, "%s: must name a file\n", argv[i]);
        return false;
      }
      heapwise::bench::SetTimelineFile(std::string(arg.substr(kTimelineFlag.size())));
    } else {
      if (arg == "--help") {
        std::printf(
            "A Heapwise lesson: a Google Benchmark program with two flags more:\n"
            "          [--heapwise_seed=<n>]      run the variants in the order this number "
            "shuffles\n"
            "          [--heapwise_timeline=<file>]  append a JSON line for each collection\n\n");
        std::fflush(stdout);
      }
      argv[kept++] = argv[i];
    }
  }
  *argc = kept;
  argv[kept] = nullptr;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<uint64_t> seed;
  if (!TakeFlags(&argc, argv, &seed)) return kUsageError;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return kUsageError;

  heapwise::runtime::Init();
  heapwise::bench::AddConditions();
  heapwise::bench::Lesson lesson;
  RegisterLesson(lesson);
  lesson.RegisterAll(seed ? &*seed : nullptr);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
