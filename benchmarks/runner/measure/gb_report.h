// Google Benchmark's side of a lesson program: the names it gives, the filter it takes, the JSON report it
// writes (version 1.7.1).
#ifndef HEAPWISE_BENCHMARKS_RUNNER_MEASURE_GB_REPORT_H_
#define HEAPWISE_BENCHMARKS_RUNNER_MEASURE_GB_REPORT_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "benchmarks/runner/format/results.h"

namespace heapwise::runner {

// The name without the parts that say how a benchmark was run and not which it is: "/iterations:100",
// "/min_time:0.1", "/min_warmup_time:1", "/repeats:3", "/real_time", "/process_time", "/manual_time".
// "/threads:2" stays.
std::string PlainName(std::string_view benchmark_name);

// A --benchmark_filter (POSIX extended) that selects exactly these benchmarks, however they are run.
std::string BenchmarkFilter(const std::vector<std::string>& variants);

struct GbReport {
  // What the program itself added to the context; what Google Benchmark adds (host, date, path, ...) is
  // left out.
  std::map<std::string, std::string> context;
  std::vector<std::string> order;
  std::map<std::string, Sample> samples;
};

// The samples of `variants`, under the names given there. Each has iterations, time_ns, cpu_ns,
// ops_per_second and every counter that the program reported.
//
// Where a benchmark ran on several threads, Google Benchmark divides the wall time, averaged over the
// threads, by the operations of all threads together (benchmark_runner.cc, DoNIterations): so time_ns is
// the wall time between two operations of the process, and ops_per_second the process's throughput.
//
// An error says in a few words what is wrong: no JSON, a variant that is missing or there twice, a
// benchmark that reported an error.
absl::StatusOr<GbReport> ParseGbReport(std::string_view text,
                                       const std::vector<std::string>& variants);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_MEASURE_GB_REPORT_H_
