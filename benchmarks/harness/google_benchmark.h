// What differs between the versions of Google Benchmark that Heapwise runs on (1.7 to 1.9), in one place.
#ifndef HEAPWISE_BENCHMARKS_HARNESS_GOOGLE_BENCHMARK_H_
#define HEAPWISE_BENCHMARKS_HARNESS_GOOGLE_BENCHMARK_H_

#include <string>
#include <string_view>
#include <vector>

#include "benchmark/benchmark.h"

namespace heapwise::bench {

// 1.7 says error_occurred; 1.8 and later say that a run was skipped, and why.
template <class Run>
concept SaysErrorOccurred = requires(Run run) {
  run.error_occurred;
};

// Whether the run ended with an error.
template <class Run>
bool Failed(const Run& run) {
  if constexpr (SaysErrorOccurred<Run>) {
    return run.error_occurred;
  } else {
    return run.skipped != decltype(run.skipped){};
  }
}

// Makes the real time of a run with several threads what 1.8 and before report: wall time divided by the operations of
// all threads together. Since 1.9 it is divided by those of one thread (google/benchmark#1836), so that the same
// program's times would be as many times longer as it has threads. A run already so, and one thread, stay as they are.
template <class Run>
void TimeByOperationsOfAllThreads(Run& run) {
  const bool is_share = run.run_type == Run::RT_Aggregate &&
                        run.aggregate_unit == benchmark::StatisticUnit::kPercentage;
  if (HEAPWISE_BENCHMARK_ADDS_THREADS_UP && !is_share) {
    run.real_accumulated_time /= static_cast<double>(run.threads);
  }
}

// benchmark::Initialize, which since 1.8 wants seconds with their unit in --benchmark_min_time and before knew none:
// both are taken here, with every version.
inline void Initialize(int* argc, char** argv) {
  static std::vector<std::string> kept;  // what argv points to from now on
  kept.reserve(static_cast<size_t>(*argc));
  for (int i = 1; i < *argc; ++i) {
    std::string_view argument = argv[i];
    if (!argument.starts_with("--benchmark_min_time=")) continue;
    const char last = argument.back();
    if constexpr (SaysErrorOccurred<benchmark::BenchmarkReporter::Run>) {
      if (last == 's') argument.remove_suffix(1);
      kept.emplace_back(argument);
    } else {
      kept.emplace_back(std::string(argument) + (last >= '0' && last <= '9' ? "s" : ""));
    }
    argv[i] = kept.back().data();
  }
  benchmark::Initialize(argc, argv);
}

}  // namespace heapwise::bench

#endif  // HEAPWISE_BENCHMARKS_HARNESS_GOOGLE_BENCHMARK_H_
