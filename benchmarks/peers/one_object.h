#ifndef HEAPWISE_BENCHMARKS_PEERS_ONE_OBJECT_H_
#define HEAPWISE_BENCHMARKS_PEERS_ONE_OBJECT_H_

#include <cstdio>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmarks/harness/google_benchmark.h"

namespace heapwise::peers {

// Runs the registered benchmarks, by Google Benchmark's own flags, and prints one line: a JSON object
// that gives each benchmark's name its nanoseconds of wall time per iteration, all threads'
// iterations counted together. Returns the exit status: 2 for arguments that nobody knows, 1 where a
// benchmark failed. Names must not need escaping in JSON. Call it from main.
inline int RunAndPrintOneObject(int argc, char** argv) {
  class Reporter : public benchmark::BenchmarkReporter {
   public:
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
      for (Run run : runs) {
        failed_ = failed_ || bench::Failed(run);
        bench::TimeByOperationsOfAllThreads(run);
        if (!text_.empty()) text_ += ", ";
        char number[64];
        std::snprintf(number, sizeof(number), "%.3f", run.GetAdjustedRealTime());
        text_ += "\"" + run.run_name.function_name + "\": " + number;
      }
    }
    bool failed() const { return failed_; }
    const std::string& text() const { return text_; }

   private:
    std::string text_;
    bool failed_ = false;
  };

  bench::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  std::printf("{%s}\n", reporter.text().c_str());
  return reporter.failed() ? 1 : 0;
}

}  // namespace heapwise::peers

#endif  // HEAPWISE_BENCHMARKS_PEERS_ONE_OBJECT_H_
