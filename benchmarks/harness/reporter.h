// Google Benchmark's JSON and CSV, as programs that read them need them. The console's table is left as it is.
#ifndef HEAPWISE_BENCHMARKS_HARNESS_REPORTER_H_
#define HEAPWISE_BENCHMARKS_HARNESS_REPORTER_H_

#include <memory>
#include <set>
#include <string>

#include "benchmark/benchmark.h"

namespace heapwise::bench {

// The formats that a command line (or BENCHMARK_FORMAT, BENCHMARK_OUT and BENCHMARK_OUT_FORMAT) asks for.
struct OutputFormats {
  std::string display = "console";
  std::string file;  // empty: no --benchmark_out
};

// Reads them and takes nothing away: call it before benchmark::Initialize, which does.
OutputFormats FindOutputFormats(int argc, char** argv);

// A reporter for "json" and "csv"; null for every other format, which leaves the choice to Google Benchmark. In both the
// time of a run with several threads is divided by the operations of all of them, with every version of the library.
//   csv: Google Benchmark's ends the program where a benchmark has a counter that the first one lacks. Here all have all
//        of `counters`, and what one does not measure is nan.
//   json: there is no NaN in JSON, and with --benchmark_repetitions the variation of a counter that is always 0 is one.
//        Such a counter is left out.
std::unique_ptr<benchmark::BenchmarkReporter> MakeReporter(const std::string& format,
                                                           std::set<std::string> counters);

}  // namespace heapwise::bench

#endif  // HEAPWISE_BENCHMARKS_HARNESS_REPORTER_H_
