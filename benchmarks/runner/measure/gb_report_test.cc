#include "benchmarks/runner/measure/gb_report.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::Pair;

// As Google Benchmark 1.7.1 writes it, shortened.
constexpr char kReport[] = R"({
  "context": {"date": "2026-11-23T10:00:00+00:00", "host_name": "h", "executable": "/x/05-value",
              "num_cpus": 2, "caches": [], "load_avg": [0.5], "library_build_type": "debug",
              "gc_markers": "2"},
  "benchmarks": [
    {"name": "fast/real_time", "run_name": "fast/real_time", "run_type": "iteration",
     "repetitions": 1, "repetition_index": 0, "threads": 1, "iterations": 1000,
     "real_time": 2.5, "cpu_time": 2.0, "time_unit": "us", "allocs_per_op": 0.0},
    {"name": "slow/64/iterations:10/threads:2", "run_name": "slow/64/iterations:10/threads:2",
     "run_type": "iteration", "repetitions": 1, "repetition_index": 0, "threads": 2,
     "iterations": 20, "real_time": 50.0, "cpu_time": 90.0, "time_unit": "ns",
     "allocs_per_op": 1.0, "label": "text"},
    {"name": "slow_mean", "run_name": "slow", "run_type": "aggregate", "real_time": 1.0}
  ]})";

TEST(GbReportTest, ReadsSamplesUnderTheDeclaredNames) {
  const auto report = ParseGbReport(kReport, {"slow/64/iterations:10/threads:2", "fast"});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->order, ElementsAre("fast", "slow/64/iterations:10/threads:2"));
  EXPECT_THAT(report->context, ElementsAre(Pair("gc_markers", "2")));
  EXPECT_THAT(report->samples.at("fast"),
              ElementsAre(Pair("allocs_per_op", 0), Pair("cpu_ns", 2000), Pair("iterations", 1000),
                          Pair("ops_per_second", 400'000), Pair("time_ns", 2500)));
  EXPECT_EQ(report->samples.at("slow/64/iterations:10/threads:2").at("time_ns"), 50);
}

std::string Error(const std::string& text, const std::string& variant) {
  return std::string(ParseGbReport(text, {variant}).status().message());
}

TEST(GbReportTest, SaysWhatIsWrong) {
  EXPECT_EQ(Error(kReport, "fast/threads:2"), "its report has no benchmark fast/threads:2");
  EXPECT_EQ(Error("", "fast"), "wrote no report");
  EXPECT_EQ(Error("Segmentation", "fast"), "its report: line 1, column 1: is not JSON");
  EXPECT_EQ(Error("{}", "fast"), "its report: context: is missing");
  EXPECT_EQ(Error(R"({"context": {}, "benchmarks": [{"run_name": "fast"}]})", "fast"),
            "its report: benchmarks[0].time_unit: is missing");
  EXPECT_EQ(Error(R"({"context": {}, "benchmarks": [{"run_name": "fast", "error_occurred": true,
                      "error_message": "wrong sum"}]})",
                  "fast"),
            "fast reported an error: wrong sum");
  const std::string one = R"({"run_name": "fast", "iterations": 1, "real_time": 1, "cpu_time": 1,
                              "time_unit": "ns"})";
  EXPECT_EQ(Error(R"({"context": {}, "benchmarks": [)" + one + "," + one + "]}", "fast"),
            "its report has fast twice");
}

TEST(GbReportTest, PlainNames) {
  EXPECT_EQ(PlainName("slow"), "slow");
  EXPECT_EQ(PlainName("slow/64/threads:2"), "slow/64/threads:2");
  EXPECT_EQ(PlainName("slow/64/min_time:0.100/iterations:5/repeats:3/real_time/threads:2"),
            "slow/64/threads:2");
  EXPECT_EQ(PlainName("slow/process_time/real_time"), "slow");
}

TEST(GbReportTest, TheFilterSelectsExactlyTheVariants) {
  const std::string filter =
      BenchmarkFilter({"slow", "fast/64", "pool/threads:2", "a+b.c", "gc/iterations:9"});
  for (const char* name : {"slow", "slow/real_time", "slow/iterations:5", "fast/64",
                           "pool/real_time/threads:2", "a+b.c", "gc/iterations:9"}) {
    EXPECT_THAT(name, ContainsRegex(filter));
  }
  for (const char* name : {"slow_inlined", "xslow", "slow/64", "fast", "fast/640", "pool",
                           "pool/threads:4", "slow/threads:2", "aab.c", "a+bxc"}) {
    EXPECT_THAT(name, Not(ContainsRegex(filter)));
  }
}

}  // namespace
}  // namespace heapwise::runner
