// Runs a sample lesson program as a user or the runner would, and reads what it printed.
#include <sys/prctl.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

using heapwise::test::Execute;
using heapwise::test::Ran;
using heapwise::test::ReadFile;
using heapwise::test::RunOptions;
using heapwise::test::SourceRoot;
using heapwise::test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;
using Flags = std::vector<std::string>;

Ran RunSample(Flags flags, const RunOptions& options = {}) {
  flags.insert(flags.begin(), SAMPLE_LESSON);
  return Execute(flags, options);
}

class HarnessTest : public testing::Test {
 protected:
  std::string File(const std::string& name) const { return dir_.path() / name; }

  // Google Benchmark's own report of the benchmarks that match `filter`.
  json Report(const std::string& filter, const Flags& more = {}, const RunOptions& options = {}) {
    const std::string file = File("report.json");
    Flags flags = {"--benchmark_filter=" + filter, "--benchmark_min_time=0.001",
                   "--benchmark_out_format=json", "--benchmark_out=" + file};
    flags.insert(flags.end(), more.begin(), more.end());
    const Ran ran = RunSample(flags, options);
    EXPECT_EQ(ran.status, 0) << ran.output;
    return json::parse(ReadFile(file));
  }

  json Benchmark(const std::string& filter, const Flags& more = {},
                 const RunOptions& options = {}) {
    const json report = Report(filter, more, options);
    EXPECT_EQ(report["benchmarks"].size(), 1u) << filter;
    return report["benchmarks"].at(0);
  }

  const TempDir dir_;
};

std::vector<std::string> Names(const json& report) {
  std::vector<std::string> names;
  for (const json& benchmark : report["benchmarks"]) names.push_back(benchmark["name"]);
  return names;
}

TEST_F(HarnessTest, CountsOperatorNewPerOperation) {
  const json slow = Benchmark("^slow$");
  EXPECT_EQ(slow["allocs_per_op"], 1.0);
  EXPECT_EQ(slow["bytes_per_op"], 4.0);
  EXPECT_EQ(slow["new_allocs_per_op"], 1.0);
  EXPECT_EQ(slow["gc_allocs_per_op"], 0.0);
}

TEST_F(HarnessTest, CountsNothingOfItsOwn) {
  const json fast = Benchmark("^fast$");
  EXPECT_EQ(fast["allocs_per_op"], 0.0);
  EXPECT_EQ(fast["bytes_per_op"], 0.0);
  EXPECT_EQ(fast["collections"], 0.0);
  EXPECT_EQ(fast["gc_cpu_fraction"], 0.0) << "the collections before the loop are not its own";
}

TEST_F(HarnessTest, RegistersTheFastBodyAgainAsControl) {
  EXPECT_EQ(Benchmark("^control$")["allocs_per_op"], 0.0);
}

TEST_F(HarnessTest, CountsTheCollectedHeapOnEveryThread) {
  for (const std::string name : {"^gc$", "^gc/threads:2$"}) {
    const json gc = Benchmark(name);
    EXPECT_EQ(gc["gc_allocs_per_op"], 1.0) << name;
    EXPECT_EQ(gc["new_allocs_per_op"], 0.0) << name;
    EXPECT_GE(gc["gc_bytes_per_op"].get<double>(), 16.0) << name;
  }
}

TEST_F(HarnessTest, NoBenchmarkPaysForTheGarbageOfTheOneBefore) {
  // "requests" ends between two collections, with buffers that nobody needs; "prepared" has nothing on that heap.
  const json report = Report("^(requests|prepared)");
  ASSERT_EQ(Names(report),
            (std::vector<std::string>{"requests/iterations:1000", "prepared/iterations:3"}));
  EXPECT_LT(report["benchmarks"][1]["peak_heap_bytes"].get<double>(), 256 << 10);
}

TEST_F(HarnessTest, RunsABodyForEachSize) {
  EXPECT_EQ(Benchmark("^string/100$")["bytes_per_op"], 101.0);
  EXPECT_EQ(Benchmark("^string/1000$")["bytes_per_op"], 1001.0);
}

TEST_F(HarnessTest, RunsExactlyTheOperationsAskedFor) {
  const json requests = Benchmark("^requests");
  EXPECT_EQ(requests["name"], "requests/iterations:1000");
  EXPECT_EQ(requests["iterations"], 1000);
}

TEST_F(HarnessTest, ReportsCollectionsPausesAndHeap) {
  // 1,000 buffers of 64 KiB are 62.5 MiB of garbage; GOGC=100 collects an almost empty heap each 4 MiB.
  const json requests = Benchmark("^requests");
  EXPECT_GE(requests["collections"].get<double>(), 10.0);
  EXPECT_LE(requests["collections"].get<double>(), 20.0);
  EXPECT_EQ(requests["collections"], requests["collections_per_1000_ops"]);
  EXPECT_GT(requests["pause_total_ns"].get<double>(), 0.0);
  EXPECT_LE(requests["pause_p50_ns"], requests["pause_p99_ns"]);
  EXPECT_LE(requests["pause_p99_ns"], requests["pause_max_ns"]);
  EXPECT_LE(requests["pause_max_ns"], requests["pause_total_ns"]);
  EXPECT_GT(requests["pause_mean_ns"].get<double>(), 0.0);
  EXPECT_LE(requests["pause_mean_ns"], requests["pause_max_ns"]);
  EXPECT_GE(requests["peak_heap_bytes"].get<double>(), 1 << 20);
  EXPECT_LE(requests["peak_heap_bytes"].get<double>(), 8 << 20);
  EXPECT_GT(requests["gc_cpu_fraction"].get<double>(), 0.0);
  EXPECT_LE(requests["gc_cpu_fraction"].get<double>(), 1.0);
}

TEST_F(HarnessTest, ThePhasesOfTheStopAddUpToThePause) {
  const json requests = Benchmark("^requests");
  double stopped = 0;
  for (const char* phase : {"phase_stop_ns", "phase_mark_ns", "phase_restart_ns"}) {
    EXPECT_GT(requests[phase].get<double>(), 0.0) << phase;
    stopped += requests[phase].get<double>();
  }
  const double collections = requests["collections"];
  EXPECT_NEAR(stopped * collections / requests["pause_total_ns"].get<double>(), 1.0, 1e-6);
  // One stop for each collection, so the longest pause of each is its only one.
  EXPECT_NEAR(stopped / requests["pause_mean_ns"].get<double>(), 1.0, 1e-6);
  EXPECT_EQ(requests["phase_concurrent_mark_ns"], 0.0);
  EXPECT_GT(requests["phase_sweep_ns"].get<double>(), 0.0);
}

TEST_F(HarnessTest, PhasesAreZeroWithoutCollections) {
  const json fast = Benchmark("^fast$");
  for (const char* measure : {"pause_mean_ns", "phase_stop_ns", "phase_mark_ns", "phase_restart_ns",
                              "phase_concurrent_mark_ns", "phase_sweep_ns"}) {
    EXPECT_EQ(fast.at(measure), 0.0) << measure;
  }
}

TEST_F(HarnessTest, ReportsLatenciesInOrderWhereAskedFor) {
  const json requests = Benchmark("^requests");
  EXPECT_GT(requests["request_p50_ns"].get<double>(), 0.0);
  EXPECT_LE(requests["request_p50_ns"], requests["request_p99_ns"]);
  EXPECT_LE(requests["request_p99_ns"], requests["request_p999_ns"]);
  EXPECT_LE(requests["request_p999_ns"], requests["request_max_ns"]);
  EXPECT_FALSE(Benchmark("^fast$").contains("request_p50_ns"));
}

TEST_F(HarnessTest, DoesNotCountTheSetup) {
  // push_back of three characters stays inside the string itself; the setup's one allocation must not show.
  EXPECT_EQ(Benchmark("^prepared")["allocs_per_op"], 0.0);
}

TEST_F(HarnessTest, ReportsMeasuresOfTheLessonsOwn) {
  EXPECT_EQ(Benchmark("^prepared")["answer"], 42.0);
}

// With the name that it was started by, and with the arguments: the report is of those benchmarks.
TEST_F(HarnessTest, BindsAllCallsWhenItStarts) {
  ASSERT_EQ(std::getenv("LD_BIND_NOW"), nullptr);
  EXPECT_EQ(Benchmark("^prepared")["bound_at_start"], 1.0);
  EXPECT_EQ(Report("^prepared")["context"]["executable"], SAMPLE_LESSON);
}

TEST_F(HarnessTest, SeedShufflesTheOrderAndRepeatsIt) {
  const std::string all = "^(slow|fast|control|string/100)$";
  const auto plain = Names(Report(all));
  EXPECT_EQ(plain, (std::vector<std::string>{"slow", "fast", "string/100", "control"}));

  std::set<std::vector<std::string>> orders;
  for (int seed = 0; seed < 6; ++seed) {
    const Flags flag = {"--heapwise_seed=" + std::to_string(seed)};
    const auto order = Names(Report(all, flag));
    EXPECT_EQ(order, Names(Report(all, flag)));
    EXPECT_EQ(std::multiset<std::string>(order.begin(), order.end()),
              std::multiset<std::string>(plain.begin(), plain.end()));
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 2u);
  // A recorded seed means the same with every library (computed by another program, for twelve registrations).
  EXPECT_EQ(Names(Report(all, {"--heapwise_seed=7"})),
            (std::vector<std::string>{"slow", "string/100", "fast", "control"}));
}

TEST_F(HarnessTest, WritesTheTimelineAsJsonLines) {
  const std::string file = File("timeline.jsonl");
  const json requests = Benchmark("^requests", {"--heapwise_timeline=" + file});
  std::ifstream in(file);
  std::string line;
  double lines = 0;
  double last = 0;
  while (std::getline(in, line)) {
    const json collection = json::parse(line);
    ++lines;
    EXPECT_EQ(collection["benchmark"], "requests");
    EXPECT_FALSE(collection["kind"].get<std::string>().empty());
    EXPECT_FALSE(collection["forced"]);
    EXPECT_GT(collection["t_s"].get<double>(), last);
    last = collection["t_s"];
    EXPECT_GE(collection["heap_before_bytes"], collection["heap_after_bytes"]);
    EXPECT_GT(collection["goal_bytes"].get<int64_t>(), 0);
    EXPECT_GT(collection["pause_ns"].get<int64_t>(), 0);
    EXPECT_EQ(collection["max_pause_ns"], collection["pause_ns"]);
    EXPECT_GT(collection["mark_ns"].get<int64_t>(), 0);
    EXPECT_TRUE(collection.contains("sweep_ns"));
    EXPECT_TRUE(collection.contains("n"));
  }
  EXPECT_EQ(lines, requests["collections"].get<double>());
}

TEST_F(HarnessTest, TimelineNamesTheMemoryLimitWhereThereIsOne) {
  for (const bool limited : {false, true}) {
    const std::string file = File(limited ? "limited.jsonl" : "unlimited.jsonl");
    Benchmark("^requests", {"--heapwise_timeline=" + file},
              {.environment = {{"GOMEMLIMIT", limited ? "64MiB" : "off"}}});
    std::ifstream in(file);
    std::string line;
    ASSERT_TRUE(std::getline(in, line));
    EXPECT_EQ(json::parse(line).value("limit_bytes", 0), limited ? 64 << 20 : 0);
  }
}

TEST_F(HarnessTest, StatesItsConditions) {
  const json context = Report("^fast$")["context"];
  for (const char* key : {"compiler", "flags", "bdwgc", "gogc", "gomemlimit", "gc_markers",
                          "initial_heap", "gc_mode"}) {
    EXPECT_TRUE(context.contains(key)) << key;
  }
}

TEST_F(HarnessTest, RefusesMalformedFlags) {
  for (const std::string flag :
       {"--heapwise_seed=", "--heapwise_seed=1x", "--heapwise_seed=-1",
        "--heapwise_seed=18446744073709551616", "--heapwise_timeline=", "--heapwise_profile=",
        "--heapwise_profile_rate=0", "--heapwise_profile_rate=1k"}) {
    const Ran ran = RunSample({flag});
    EXPECT_EQ(ran.status, 2) << flag;
    EXPECT_THAT(ran.output, HasSubstr(flag + ": must"));
  }
  EXPECT_EQ(RunSample({"--no_such_flag"}).status, 2);
}

TEST_F(HarnessTest, SaysWhereTheTimelineCannotBeWritten) {
  const Ran ran = RunSample(
      {"--benchmark_filter=^requests", "--heapwise_timeline=/nonexistent/timeline.jsonl"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.output, HasSubstr("/nonexistent/timeline.jsonl"));
}

TEST_F(HarnessTest, AProgramWithoutProfilerSaysSo) {
  const Ran ran = RunSample({"--benchmark_filter=^fast$", "--heapwise_profile=" + File("p")});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.output, "--heapwise_profile=" + File("p") +
                            ": this program has no profiler: its lesson.json declares no "
                            "icicle chart\n");
  EXPECT_FALSE(fs::exists(File("p")));
}

TEST_F(HarnessTest, HelpNamesItsOwnFlags) {
  const Ran ran = RunSample({"--help"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, HasSubstr("--heapwise_seed"));
  EXPECT_THAT(ran.output, HasSubstr("--heapwise_profile_rate"));
  EXPECT_THAT(ran.output, HasSubstr("--benchmark_filter"));
}

// --- Google Benchmark's own formats ---

const Flags kAll = {"--benchmark_min_time=0.001", "--benchmark_filter=."};

Flags All(Flags more) {
  more.insert(more.begin(), kAll.begin(), kAll.end());
  return more;
}

// The fields of a line of CSV; no name of ours holds a comma.
std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  return fields;
}

// Rows by the benchmark's name, each column by its own; checks that every row has every column.
std::map<std::string, std::map<std::string, std::string>> ReadCsv(const std::string& text) {
  std::map<std::string, std::map<std::string, std::string>> rows;
  std::vector<std::string> columns;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> fields = Fields(line);
    if (fields.front() == "name") {
      columns = fields;
    } else if (!columns.empty()) {
      EXPECT_EQ(fields.size(), columns.size()) << line;
      for (size_t i = 0; i < std::min(fields.size(), columns.size()); ++i) {
        rows[fields.front()][columns[i]] = fields[i];
      }
    }
  }
  return rows;
}

TEST_F(HarnessTest, CsvHasEveryCounterOfEveryVariant) {
  const RunOptions to_file = {.output_to = File("all.csv")};
  const Ran ran = RunSample(All({"--benchmark_format=csv"}), to_file);
  ASSERT_EQ(ran.status, 0) << ran.output;
  auto rows = ReadCsv(ReadFile(File("all.csv")));
  EXPECT_EQ(rows.size(), 12u);
  EXPECT_EQ(rows["\"prepared/iterations:3\""]["\"answer\""], "42");
  EXPECT_EQ(rows["\"slow\""]["\"answer\""], "nan");
  EXPECT_EQ(rows["\"slow\""]["\"request_p50_ns\""], "nan");
  EXPECT_EQ(rows["\"slow\""]["\"allocs_per_op\""], "1");

  const Ran out =
      RunSample(All({"--benchmark_out=" + File("out.csv"), "--benchmark_out_format=csv"}));
  ASSERT_EQ(out.status, 0) << out.output;
  EXPECT_EQ(ReadCsv(ReadFile(File("out.csv"))).size(), 12u);
}

TEST_F(HarnessTest, FormatsComeFromTheEnvironmentToo) {
  const Ran ran = RunSample(kAll, {.environment = {{"BENCHMARK_FORMAT", "csv"},
                                                   {"BENCHMARK_OUT", File("out")},
                                                   {"BENCHMARK_OUT_FORMAT", "csv"}},
                                   .output_to = File("all.csv")});
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_EQ(ReadCsv(ReadFile(File("all.csv"))).size(), 12u);
  EXPECT_EQ(ReadCsv(ReadFile(File("out"))).size(), 12u);
}

TEST_F(HarnessTest, JsonHasNoNaN) {
  const Ran ran = RunSample(All({"--benchmark_format=json", "--benchmark_repetitions=2"}),
                            {.output_to = File("all.json")});
  ASSERT_EQ(ran.status, 0) << ran.output;
  const json report = json::parse(ReadFile(File("all.json")));
  for (const json& benchmark : report["benchmarks"]) {
    if (benchmark["name"] != "slow_cv") continue;
    EXPECT_EQ(benchmark["allocs_per_op"], 0.0);  // always 1
    // Always 0: its variation is 0/0, which is left out, or the 0 that Google Benchmark 1.9 makes of it.
    EXPECT_EQ(benchmark.value("gc_allocs_per_op", 0.0), 0.0);
    return;
  }
  FAIL() << "no slow_cv";
}

TEST_F(HarnessTest, TimeIsDividedByTheOperationsOfAllThreads) {
  // An operation of "sleeps" takes 20 ms of the clock, so two threads do two in 20 ms and a little more: 10 ms each.
  const json one = Benchmark("^sleeps/iterations:3$");
  const json two = Benchmark("^sleeps/iterations:3/threads:2$");
  EXPECT_EQ(two["iterations"], 6);
  EXPECT_NEAR(two["real_time"].get<double>() * 6, two["wall_ns"],
              0.25 * two["wall_ns"].get<double>());
  EXPECT_NEAR(one["real_time"].get<double>() * 3, one["wall_ns"],
              0.25 * one["wall_ns"].get<double>());
}

TEST_F(HarnessTest, MinTimeIsTakenWithAndWithoutItsUnit) {
  for (const std::string time : {"0.001", "0.001s"}) {
    const Ran ran = RunSample({"--benchmark_filter=^slow$", "--benchmark_min_time=" + time});
    EXPECT_EQ(ran.status, 0) << ran.output;
    EXPECT_THAT(ran.output, testing::Not(HasSubstr("min_time")));
  }
}

TEST_F(HarnessTest, TheConsoleIsGoogleBenchmarks) {
  EXPECT_THAT(RunSample(kAll).output, HasSubstr("\nslow "));
}

// --- Programs whose variants belong into processes of their own ---

TEST_F(HarnessTest, SaysWhereVariantsShareAProcessThatShouldNot) {
  const RunOptions alone = {.environment = {{"SAMPLE_ONE_PROCESS_EACH", "1"}}};
  const std::string note = "note: the variants of this lesson change settings of the whole process";
  EXPECT_THAT(
      RunSample({"--benchmark_filter=^slow|^fast", "--benchmark_min_time=0.001"}, alone).output,
      HasSubstr(note + ", and these 2 shared one"));
  EXPECT_THAT(RunSample({"--benchmark_filter=^slow", "--benchmark_min_time=0.001"}, alone).output,
              testing::Not(HasSubstr("note:")));
  EXPECT_THAT(RunSample({"--benchmark_filter=^slow|^fast", "--benchmark_min_time=0.001"}).output,
              testing::Not(HasSubstr("note:")));
}

// --- How warm a loop begins ---

// What a loop fetches from the system, counted in page faults, each of which brings 4 KiB: there are no huge pages for
// these tests, nor for the programs that they run.
class WarmUpTest : public HarnessTest {
 protected:
  void SetUp() override { ASSERT_EQ(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0); }
  void TearDown() override { ASSERT_EQ(prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0), 0); }

  // Of the memory that a loop holds, the share that it fetched: for each of so many loops of one process.
  std::vector<double> Fetched(const std::string& variant, int mib, int loops,
                              std::map<std::string, std::string> environment = {}) {
    environment["SAMPLE_HOLD_MIB"] = std::to_string(mib);
    const json report =
        Report("^" + variant + "/", {"--benchmark_repetitions=" + std::to_string(loops)},
               {.environment = environment});
    std::vector<double> shares;
    for (const json& loop : report["benchmarks"]) {
      if (loop["run_type"] != "iteration") continue;  // a mean of the loops
      shares.push_back(loop["page_faults"].get<double>() / (mib * 256));
    }
    return shares;
  }
};

constexpr int kSmallMiB = 3;   // less than a warm-up fetches
constexpr int kLargeMiB = 24;  // more
const auto kNothing = testing::Lt(0.1);
const auto kAllOfIt = testing::Gt(0.9);

TEST_F(WarmUpTest, TheFirstLoopFetchesNothing) {
  EXPECT_THAT(Fetched("hold_collected", kSmallMiB, 1), ElementsAre(kNothing));
  EXPECT_THAT(Fetched("hold_new", kSmallMiB, 1), ElementsAre(kNothing));
}

TEST_F(WarmUpTest, WithoutAWarmUpItFetchesAll) {
  for (const std::string setting : {"SAMPLE_NO_WARM_UP", "SAMPLE_ONE_PROCESS_EACH"}) {
    for (const char* variant : {"hold_collected", "hold_new"}) {
      EXPECT_THAT(Fetched(variant, kSmallMiB, 1, {{setting, "1"}}), ElementsAre(kAllOfIt))
          << variant << " with " << setting;
    }
  }
}

TEST_F(WarmUpTest, WhatIsFreedIsAtHand) {
  const auto some = testing::Gt(0.5);
  EXPECT_THAT(Fetched("hold_collected", kLargeMiB, 3), ElementsAre(some, kNothing, kNothing));
  EXPECT_THAT(Fetched("hold_new", kLargeMiB, 3), ElementsAre(some, kNothing, kNothing));
}

// The collected heap then gives back what it does not need, as any program's does.
TEST_F(WarmUpTest, WithoutAWarmUpWhatNewHadIsAtHand) {
  const auto fetched = [this](const std::string& variant) {
    return Fetched(variant, kLargeMiB, 3, {{"SAMPLE_NO_WARM_UP", "1"}});
  };
  EXPECT_THAT(fetched("hold_collected"), ElementsAre(kAllOfIt, kAllOfIt, kAllOfIt));
  EXPECT_THAT(fetched("hold_new"), ElementsAre(kAllOfIt, kNothing, kNothing));
}

TEST(LessonsTest, BenchAndLessonFileAgreeOnIsolation) {
  for (const auto& lesson : fs::directory_iterator(SourceRoot() / "lessons")) {
    if (!fs::exists(lesson.path() / "lesson.json")) continue;
    const json described = json::parse(ReadFile(lesson.path() / "lesson.json"));
    const bool one_each =
        ReadFile(lesson.path() / "bench.cc").find("lesson.OneProcessEach();") != std::string::npos;
    EXPECT_EQ(one_each, described["isolation"] == "process") << lesson.path();
  }
}

}  // namespace
