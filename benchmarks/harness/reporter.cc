#include "benchmarks/harness/reporter.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmarks/harness/google_benchmark.h"

namespace heapwise::bench {
namespace {

using Run = benchmark::BenchmarkReporter::Run;

class JsonReporter : public benchmark::JSONReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> sayable = runs;
    for (Run& run : sayable) {
      TimeByOperationsOfAllThreads(run);
      std::erase_if(run.counters, [](const auto& counter) {
        return !std::isfinite(static_cast<double>(counter.second));
      });
    }
    benchmark::JSONReporter::ReportRuns(sayable);
  }
};

// Deprecated since 1.5, still there in 1.9, and what --benchmark_format=csv uses.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
class CsvReporter : public benchmark::CSVReporter {
 public:
  explicit CsvReporter(std::set<std::string> counters) : counters_(std::move(counters)) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> complete = runs;
    for (Run& run : complete) {
      TimeByOperationsOfAllThreads(run);
      for (const std::string& name : counters_) {
        run.counters.emplace(name, std::numeric_limits<double>::quiet_NaN());
      }
    }
    benchmark::CSVReporter::ReportRuns(complete);
  }

 private:
  const std::set<std::string> counters_;
};
#pragma GCC diagnostic pop

// The value of the last "--NAME=value", of the variable where there is none, and otherwise `otherwise`.
std::string Option(int argc, char** argv, const std::string& flag, const char* variable,
                   std::string otherwise) {
  if (const char* const value = std::getenv(variable); value != nullptr) otherwise = value;
  const std::string start = "--" + flag + "=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(start)) otherwise = argument.substr(start.size());
  }
  return otherwise;
}

}  // namespace

OutputFormats FindOutputFormats(int argc, char** argv) {
  OutputFormats formats;
  formats.display = Option(argc, argv, "benchmark_format", "BENCHMARK_FORMAT", "console");
  if (!Option(argc, argv, "benchmark_out", "BENCHMARK_OUT", "").empty()) {
    formats.file = Option(argc, argv, "benchmark_out_format", "BENCHMARK_OUT_FORMAT", "json");
  }
  return formats;
}

std::unique_ptr<benchmark::BenchmarkReporter> MakeReporter(const std::string& format,
                                                           std::set<std::string> counters) {
  if (format == "json") return std::make_unique<JsonReporter>();
  if (format == "csv") return std::make_unique<CsvReporter>(std::move(counters));
  return nullptr;
}

}  // namespace heapwise::bench
