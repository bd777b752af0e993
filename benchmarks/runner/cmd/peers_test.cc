#include "benchmarks/runner/cmd/peers.h"

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/format/measuring_lock.h"
#include "benchmarks/runner/peers/peers_table.h"
#include "benchmarks/runner/testing/peers_scripts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/run.h"

namespace heapwise::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAllocation[] =
    "echo '{\"ours/16\": 4, \"ours/32\": 5, \"ours/64\": 8, \"ours/1024\": 100, "
    "\"new_delete/16\": 7, \"new_delete/32\": 7, \"new_delete/64\": 8, \"new_delete/1024\": 20}'";
constexpr char kAllocationBdwgc[] =
    "echo '{\"bdwgc/16\": 13, \"bdwgc/32\": 16, \"bdwgc/64\": 23, \"bdwgc/1024\": 166}'";
constexpr char kAllocationGo[] =
    "#!/bin/sh\necho '{\"go/16\": 14, \"go/32\": 21, \"go/64\": 37, \"go/1024\": 261}'\n";

// The allocation group, of scripts.
class PeersTest : public testing::Test {
 protected:
  PeersTest() {
    scripts_.Script("bin/peers_allocation", kAllocation);
    scripts_.Script("bin/peers_allocation_bdwgc", kAllocationBdwgc);
    scripts_.Write("benchmarks/peers/allocation.go", kAllocationGo);
    scripts_.FakeGo("go");
    options_.root = scripts_.root();
    options_.programs = scripts_.root() / "bin";
    options_.results = scripts_.root() / "results";
    options_.command = "heapwise peers";
    options_.groups = {"allocation"};
    options_.blocks = 2;
    options_.seed = 7;
    options_.go = GoToolchain{scripts_.root() / "go", "go9.9 test/test"};
    options_.program_limit = absl::Seconds(5);
  }

  int Run() {
    out_.str("");
    err_.str("");
    return RunPeers(options_, out_, err_);
  }

  Json Record() { return Json::parse(ReadFile(options_.results / "peers.json").value()); }

  PeersScripts scripts_;
  PeersOptions options_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(PeersTest, MeasuresPrintsAndRecords) {
  EXPECT_EQ(Run(), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("  16 B         4.0       13.0       7.0      14.0\n"));
  EXPECT_THAT(out_.str(), HasSubstr("0.286 (no interval: 2 blocks)"));
  EXPECT_THAT(out_.str(), HasSubstr("seed 7"));
  EXPECT_THAT(out_.str(), HasSubstr("Go: go9.9 test/test\n"));
  EXPECT_THAT(err_.str(), HasSubstr("peers: 2 blocks of 3 programs, seed 7, go9.9 test/test\n"));

  const Json record = Record();
  EXPECT_EQ(record["status"], "complete");
  EXPECT_EQ(record["seed"], 7);
  ASSERT_EQ(record["blocks"].size(), 2u);
  EXPECT_EQ(record["blocks"][1]["samples"]["allocation_go"]["go/64"], 37);
  EXPECT_EQ(record["blocks"][1]["order"].size(), 3u);
  EXPECT_EQ(record["programs"]["allocation_go"]["command"],
            Json::parse(R"(["peers/allocation", "-benchtime=150ms"])"));
  EXPECT_TRUE(record["failures"].empty());
  EXPECT_THAT(record.dump(), Not(HasSubstr(scripts_.root().string())));
}

TEST_F(PeersTest, TheSeedDecidesTheOrder) {
  options_.blocks = 8;
  Run();
  const Json first = Record()["blocks"];
  Run();
  EXPECT_EQ(Record()["blocks"], first);
  std::set<Json> orders;
  for (const Json& block : first) orders.insert(block["order"]);
  EXPECT_GT(orders.size(), 1u);
}

TEST_F(PeersTest, DoesNotMeasureBesideAnother) {
  const absl::StatusOr<MeasuringLock> other = MeasuringLock::Take(options_.results);
  ASSERT_TRUE(other.ok()) << other.status();
  other->Tell("run 2026-11-23-101500");
  EXPECT_EQ(Run(), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr(" (run 2026-11-23-101500) is measuring"));
}

TEST_F(PeersTest, WithoutGoItsColumnsAreLeftOutAndALineSaysSo) {
  options_.go.reset();
  EXPECT_EQ(Run(), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("no Go toolchain: its columns are left out\n"));
  EXPECT_THAT(out_.str(), HasSubstr("  16 B         4.0       13.0       7.0\n"));
  EXPECT_EQ(Record()["build"]["go"], nullptr);
}

TEST_F(PeersTest, AProgramThatFailsIsRecordedAndTheRestGoesOn) {
  scripts_.Script("bin/peers_allocation_bdwgc", "echo out of luck; exit 3");
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr("  16 B         4.0          -       7.0      14.0\n"));
  EXPECT_THAT(
      out_.str(),
      HasSubstr("failed in block 1: allocation_bdwgc: exited with status 3\n  | out of luck\n"));
  const Json record = Record();
  EXPECT_EQ(record["status"], "failed");
  ASSERT_EQ(record["failures"].size(), 1u) << "it is not run again";
  EXPECT_EQ(record["failures"][0]["program"], "allocation_bdwgc");
  EXPECT_EQ(record["failures"][0]["block"], 1);
  EXPECT_EQ(record["failures"][0]["output"], "out of luck\n");
  EXPECT_EQ(record["blocks"][1]["samples"].size(), 2u);
}

TEST_F(PeersTest, SoIsOneThatPrintsNoObject) {
  scripts_.Script("bin/peers_allocation", "echo nothing");
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr("allocation: its last line is no JSON object: nothing\n"));
}

TEST_F(PeersTest, SoIsAGoProgramThatDoesNotCompile) {
  scripts_.Write("benchmarks/peers/allocation.go", "syntax error");
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_THAT(out_.str(),
              HasSubstr("failed: allocation_go: allocation.go: go build exited with status 1"));
  EXPECT_EQ(Record()["blocks"][0]["samples"].size(), 2u);
}

TEST_F(PeersTest, AfterAnInterruptItPrintsWhatThereIs) {
  // The first start measures; a later one interrupts the runner, as Ctrl-C does.
  scripts_.Script("bin/peers_allocation_bdwgc",
                  std::string("if [ -e \"$0.ran\" ]; then kill -INT $PPID; sleep 1000; fi\n"
                              "touch \"$0.ran\"\n") +
                      kAllocationBdwgc);
  options_.blocks = 5;
  EXPECT_EQ(Run(), kExitInterrupted);
  EXPECT_THAT(out_.str(), HasSubstr("       13.0 "));
  EXPECT_THAT(out_.str(), HasSubstr("Interrupted: these are the samples until then.\n"));
  EXPECT_EQ(Record()["status"], "interrupted");
  EXPECT_EQ(Record()["blocks"].size(), 2u);
}

// Its samples must not depend on which of its runs was disturbed.
TEST_F(PeersTest, OfAProgramThatRunsSeveralTimesInABlockTheMedianCounts) {
  scripts_.Script("bin/profiler_cost", "echo '{\"ours/off\": 5, \"ours/512KiB\": 5.1}'");
  scripts_.Script("bin/service_cost", "echo '{\"off/rps\": 100, \"on/rps\": 99}'");
  // 1 to 16 in the first block, 17 to 32 in the second.
  scripts_.Script("bin/peers_new_delete",
                  "test \"$LD_PRELOAD\" = /no/library || exit 1\n"
                  "count=\"$0.$TCMALLOC_SAMPLE_PARAMETER\"\n"
                  "echo >> $count\n"
                  "echo \"{\\\"new_delete\\\": $(wc -l < $count)}\"");
  options_.groups = {"profiler"};
  options_.go.reset();
  options_.tcmalloc = "/no/library";
  EXPECT_EQ(Run(), kExitOk) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("tcmalloc: /no/library\n"));
  const Json blocks = Record()["blocks"];
  EXPECT_EQ(blocks[0]["samples"]["profiler_tcmalloc/off"]["new_delete"], 8.5);
  EXPECT_EQ(blocks[1]["samples"]["profiler_tcmalloc/off"]["new_delete"], 24.5);
  EXPECT_EQ(blocks[1]["samples"]["profiler_tcmalloc/every"]["new_delete"], 2);
  EXPECT_EQ(blocks[0]["order"].size(), 2u + 16 + 16 + 1);
}

TEST_F(PeersTest, WithoutTcmallocALineSaysSo) {
  scripts_.Script("bin/profiler_cost", "echo '{\"ours/off\": 5}'");
  scripts_.Script("bin/service_cost", "echo '{\"off/rps\": 100}'");
  options_.groups = {"profiler"};
  options_.go.reset();
  options_.tcmalloc = "";
  EXPECT_EQ(Run(), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("no tcmalloc (libtcmalloc.so.4): its row is left out\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("tcmalloc, new")));
}

TEST_F(PeersTest, ALibraryIsFoundInTheFirstDirectoryThatHasIt) {
  scripts_.Write("b/libx.so", "");
  scripts_.Write("c/libx.so", "");
  const std::filesystem::path root = scripts_.root();
  EXPECT_EQ(FindLibrary("libx.so", {root / "a", root / "b", root / "c"}), root / "b/libx.so");
  EXPECT_EQ(FindLibrary("liby.so", {root / "a", root / "b"}), "");
}

TEST_F(PeersTest, AProgramThatIsNotBuiltEndsItBeforeAnythingIsMeasured) {
  std::filesystem::remove(options_.programs / "peers_allocation_bdwgc");
  EXPECT_EQ(Run(), kExitUsage);
  EXPECT_EQ(err_.str(),
            "heapwise peers: bin/peers_allocation_bdwgc is not built; `make peers` builds it\n");
  EXPECT_FALSE(std::filesystem::exists(options_.results));
}

TEST_F(PeersTest, AFileThatCannotBeWrittenIsSaidAndTheTablesAreThere) {
  scripts_.Write("results", "a file in the way");
  EXPECT_EQ(Run(), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr("  16 B         4.0"));
  EXPECT_THAT(out_.str(), HasSubstr("(could not be written)\n"));
}

TEST(PeersProgramTest, SaysInOneLineWhatIsWrong) {
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& line) {
    std::vector<std::string> command = {HEAPWISE_PROGRAM, "peers"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const test::Ran ran = test::Execute(command);
    EXPECT_EQ(ran.status, kExitUsage) << line;
    EXPECT_EQ(ran.output, line + "\n");
  };
  refused({"--blocks=0"}, "--blocks=0: must be from 1 to 100");
  refused({"--blocks=101"}, "--blocks=101: must be from 1 to 100");
  refused({"--only=trees,forests"},
          "--only=trees,forests: there is no group 'forests'; there are trees, limits, allocation, "
          "pool, profiler");
  refused({"trees"}, "heapwise peers: one argument too many: 'trees'; it takes none");
  refused({"--quick"},
          "heapwise peers: unknown flag '--quick'; there are --blocks, --only, --seed, --results, "
          "--root, --programs, --help");
  refused({"--only=pool", "--programs=/nowhere"},
          "heapwise peers: /nowhere/peers_pool is not built; `make peers` builds it");
}

// Runs the job's real program on a little work.
ProcessOutcome RunLittle(const PeerJob& job, const std::filesystem::path& program) {
  ProcessRequest request;
  request.command = {program.string()};
  if (job.program.starts_with("binary_trees")) {
    request.command.insert(request.command.end(),
                           {"--live_depth=11", "--trees=3", "--tree_depth=11"});
  } else if (job.id == "profiler" || job.id.starts_with("profiler_go") ||
             job.id.starts_with("profiler_tcmalloc")) {
    request.command.insert(request.command.end(), job.arguments.begin(), job.arguments.end());
    request.command.push_back("--rounds=1");
  } else if (job.program == "service_cost") {
    request.command.insert(request.command.end(),
                           {"--starts=1", "--rounds=1", "--round_time=20ms"});
  } else if (job.is_go) {
    request.command.push_back("-benchtime=1ms");
  } else if (job.program == "peers_pool_lock") {
    request.command.push_back("--min_time=5ms");
  } else {
    request.command.push_back("--benchmark_min_time=0.001");
  }
  request.environment = job.environment;
  request.time_limit = absl::Seconds(60);
  return RunProcess(request);
}

// Every number that a table asks for is printed by the program that it asks.
void ExpectNumbersOfTheTables(bool is_go,
                              const std::function<std::filesystem::path(const PeerJob&)>& program) {
  const PeerPlan plan = MakePeerPlan(PeerGroups(), true, FindLibrary(kTcmalloc));
  std::map<std::string, PeerSample> samples;
  for (const PeerJob& job : plan.jobs) {
    if (job.is_go != is_go) continue;
    const ProcessOutcome outcome = RunLittle(job, program(job));
    const absl::StatusOr<PeerSample> sample = ParsePeerOutput(outcome.output);
    ASSERT_TRUE(outcome.Succeeded() && sample.ok()) << job.id << ": " << outcome.output;
    samples[job.id] = *sample;
  }
  for (const PeerTable& table : plan.tables) {
    for (const PeerRow& row : table.rows) {
      for (const PeerCell& cell : row.cells) {
        if (!samples.contains(cell.job)) continue;
        for (const PeerMeasure& measure : table.measures) {
          const std::string field = measure.field.empty() ? cell.field : measure.field;
          const bool uncounted =
              cell.job.ends_with("/go-stop-the-world") && field.find("pause") != std::string::npos;
          EXPECT_EQ(samples[cell.job].contains(field), !uncounted) << cell.job << ": " << field;
        }
      }
    }
  }
}

TEST(PeersProgramTest, OurProgramsPrintTheNumbersOfTheTables) {
  const std::filesystem::path programs = std::filesystem::path(HEAPWISE_PROGRAM).parent_path();
  ExpectNumbersOfTheTables(false, [&](const PeerJob& job) { return programs / job.program; });
}

TEST(PeersProgramTest, GoProgramsPrintTheNumbersOfTheTables) {
  const char* const path = std::getenv("PATH");
  const std::optional<GoToolchain> go = FindGo(path == nullptr ? "" : path);
  if (!go) GTEST_SKIP() << "there is no Go toolchain here";
  const std::filesystem::path directory = GO_DIRECTORY;
  const std::filesystem::path root = SOURCE_ROOT;
  for (const auto& [name, source] : {std::pair{"binary_trees", "benchmarks/macro/binary_trees.go"},
                                     {"allocation", "benchmarks/peers/allocation.go"},
                                     {"pool", "benchmarks/peers/pool.go"},
                                     {"profiler", "benchmarks/peers/profiler.go"}}) {
    const absl::Status built = BuildGoProgram(*go, root / source, directory / name, directory);
    ASSERT_TRUE(built.ok()) << built;
  }
  ExpectNumbersOfTheTables(true, [&](const PeerJob& job) { return directory / job.program; });

  for (const char* rate : {"0", "1"}) {
    ProcessRequest profiled;
    profiled.command = {(directory / "profiler").string(), std::string("-rate=") + rate,
                        "-rounds=1"};
    const PeerSample sample = ParsePeerOutput(RunProcess(profiled).output).value();
    EXPECT_EQ(sample.at("samples") > 0, std::string(rate) == "1");
  }

  ProcessRequest nonsense;
  nonsense.command = {(directory / "binary_trees").string(), "--live_depth=99"};
  const ProcessOutcome refused = RunProcess(nonsense);
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.output, "binary_trees.go: -live_depth must be from -1 to 28, not 99\n");
}

}  // namespace
}  // namespace heapwise::runner
