// Our metrics and our gctrace beside those of Go itself, where there is a Go of 1.27 or later.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "heapwise/metrics.h"
#include "testing/go.h"
#include "testing/run.h"

namespace heapwise::metrics {
namespace {

class MetricsGoTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const std::optional<test::Go> go = test::NewestGo();
    if (!go || go->version < std::vector<int>{1, 27}) return;
    program_ = test::BuildGo(*go, METRICS_GO, METRICS_GO_DIRECTORY);
    ASSERT_FALSE(program_.empty());
  }

  void SetUp() override {
    if (program_.empty()) GTEST_SKIP() << "there is no Go of 1.27 or later here";
  }

  inline static std::filesystem::path program_;
};

std::string KindWord(ValueKind kind) {
  switch (kind) {
    case ValueKind::kBad:
      return "bad";
    case ValueKind::kUint64:
      return "uint64";
    case ValueKind::kFloat64:
      return "float64";
    case ValueKind::kFloat64Histogram:
      return "histogram";
  }
  return "";
}

TEST_F(MetricsGoTest, NamesKindsAndBucketsAreGos) {
  const test::Ran ran = test::Execute({program_.string()});
  ASSERT_EQ(ran.status, 0) << ran.output;
  std::map<std::string, std::string> of_go;
  std::vector<double> boundaries;
  std::istringstream lines(ran.output);
  for (std::string name, word; lines >> name >> word;) {
    if (name == "boundary") {
      boundaries.push_back(std::strtod(word.c_str(), nullptr));
    } else {
      std::string cumulative;
      lines >> cumulative;
      of_go[name] = word + " " + cumulative;
    }
  }
  EXPECT_GT(of_go.size(), 80u);
  for (const Description& ours : All()) {
    EXPECT_EQ(KindWord(ours.kind) + (ours.cumulative ? " true" : " false"),
              of_go[std::string(ours.name)])
        << ours.name;
  }
  for (const char* name :
       {"/gc/pauses:seconds", "/sched/pauses/total/gc:seconds", "/sched/pauses/stopping/gc:seconds",
        "/sched/pauses/total/other:seconds"}) {
    std::vector<Sample> samples = {{name}};
    Read(samples);
    const std::span<const double> buckets = samples[0].value.Histogram().buckets;
    EXPECT_EQ(std::vector<double>(buckets.begin(), buckets.end()), boundaries) << name;
  }
}

// Which test of ours collects once.
TEST_F(MetricsGoTest, DISABLED_Collects) { runtime::GC(); }

// A line of gctrace without what differs from run to run.
std::string Form(const std::string& line) {
  return std::regex_replace(line, std::regex("[0-9]+(\\.[0-9]+)?"), "N");
}

TEST_F(MetricsGoTest, GctraceHasTheFormOfGos) {
  const test::RunOptions traced = {.environment = {{"GODEBUG", "gctrace=1"}}};
  const auto line_of = [&traced](const std::vector<std::string>& command) {
    const test::Ran ran = test::Execute(command, traced);
    EXPECT_EQ(ran.status, 0) << ran.output;
    std::istringstream lines(ran.output);
    std::string line;
    while (std::getline(lines, line) && !line.starts_with("gc ")) {
    }
    return line;
  };
  const std::string of_go = line_of({program_.string(), "collect"});
  const std::string ours =
      line_of({std::filesystem::read_symlink("/proc/self/exe").string(),
               "--gtest_also_run_disabled_tests", "--gtest_filter=*DISABLED_Collects"});
  EXPECT_NE(of_go, "");
  EXPECT_EQ(Form(ours), Form(of_go)) << ours << "\n" << of_go;
}

}  // namespace
}  // namespace heapwise::metrics
