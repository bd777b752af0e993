// Holds the examples of docs/FORMAT.md against what is read and written here, and what the program
// `heapwise` says against what it should.
#include <set>
#include <string>
#include <vector>

#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/format/lesson.h"
#include "benchmarks/runner/format/measures.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/judge/analysis.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/run.h"

namespace heapwise::runner {
namespace {

using ::testing::HasSubstr;

std::string FormatPage() {
  const absl::StatusOr<std::string> page = ReadFile(FORMAT_MD);
  EXPECT_TRUE(page.ok()) << page.status();
  return page.value_or("");
}

// The JSON example that follows the heading "## `heading`...".
Json Example(const std::string& heading) {
  const std::string page = FormatPage();
  const size_t section = page.find("\n## " + heading);
  const size_t begin = page.find("```json\n", section) + 8;
  return Json::parse(page.substr(begin, page.find("```", begin) - begin));
}

// The keys of an object and of the objects in it, as paths; the first element stands for an array.
void CollectKeys(const Json& json, const std::string& path, std::set<std::string>& keys) {
  if (json.is_array() && !json.empty()) CollectKeys(json[0], path + "[]", keys);
  if (!json.is_object()) return;
  for (const auto& [key, value] : json.items()) {
    keys.insert(path + "." + key);
    CollectKeys(value, path + "." + key, keys);
  }
}

std::set<std::string> Keys(const Json& json) {
  std::set<std::string> keys;
  CollectKeys(json, "", keys);
  return keys;
}

TEST(FormatTest, TheLessonExampleIsALesson) {
  Json example = Example("lesson.json");
  // The example shows two points of its curve; four are the least.
  for (const char* name : {"slow/1024", "slow/2048", "slow/4096"}) {
    example["variants"].push_back({{"name", name}, {"label", name}});
  }
  Json& points = example["charts"][1]["series"][0]["points"];
  points.push_back({2048, "slow/2048"});
  points.push_back({4096, "slow/4096"});
  const absl::StatusOr<Lesson> lesson = ParseLesson("05-x", "lesson.json", example.dump());
  EXPECT_TRUE(lesson.ok()) << lesson.status();
}

TEST(FormatTest, TheRunExampleComesBackAsItIs) {
  const Json example = Example("results/RUN/run.json");
  const absl::StatusOr<RunRecord> run = ParseRun("run.json", example.dump());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(Json::parse(RunToText(*run)), example);
}

TEST(FormatTest, WeWriteTheKeysOfTheLessonExample) {
  FakeTree tree;
  Json lesson = FakeLessonJson();
  lesson["claims"][1]["of"] = "fast";
  lesson["charts"].push_back(
      {{"kind", "sawtooth"}, {"id", "saw"}, {"claim", "faster"}, {"panels", {"slow"}}});
  for (const char* name : {"a", "b"}) {
    lesson["variants"].push_back({{"name", name}, {"label", name}});
  }
  lesson["charts"].push_back(Json::parse(
      R"({"kind": "growth", "id": "growth", "claim": "faster", "measure": "time_ns",
          "x_label": "size", "x_unit": "B", "series": [{"label": "l", "role": "slow",
          "points": [[1, "slow"], [2, "fast"], [4, "a"], [8, "b"]]}]})"));
  lesson["charts"].push_back({{"kind", "pareto"},
                              {"id", "pareto"},
                              {"claim", "faster"},
                              {"x", "time_ns"},
                              {"y", "allocs_per_op"},
                              {"points", {"slow", "fast"}}});
  lesson["charts"].push_back(Json::parse(
      R"({"kind": "survival", "id": "survival", "claim": "faster", "measure": "survived",
          "x_label": "limit", "x_unit": "%", "points": [[90, "fast"], [100, "slow"]]})"));
  const absl::StatusOr<Lesson> parsed = ParseLesson("05-x", "lesson.json", lesson.dump());
  ASSERT_TRUE(parsed.ok()) << parsed.status();

  LessonRecord record;
  record.lesson = "05-x";
  record.build_id = "3f2a";
  record.control = "control";
  record.variants = {{"slow", "the slow one"}};
  for (int i = 0; i < 12; ++i) {
    Block block;
    block.order = {"slow"};
    for (const char* name : {"slow", "fast", "control", "a", "b"}) {
      block.samples[name] = {
          {"iterations", 1}, {"time_ns", 40.0 + i}, {"allocs_per_op", 1}, {"survived", 1}};
    }
    record.blocks.push_back(block);
  }
  const Json example = Example("results/RUN/LESSON.json");
  record.timelines["slow"].collections = example["timelines"]["slow"]["collections"];
  record.timelines["slow"].rss = {{0, 1}};
  record.profiles["slow"] = {{"end", "05-x-slow.pb.gz"}, {"early", "05-x-slow.early.pb.gz"}};
  const Json ours = LessonToJson(record, Analyze(*parsed, record.blocks));

  // Under these keys stand names of variants, measures and conditions: their own keys count.
  std::set<std::string> wanted;
  for (const std::string& key : Keys(example)) {
    if (!key.starts_with(".context.")) wanted.insert(key);
  }
  const std::set<std::string> written = Keys(ours);
  for (const std::string& key : wanted) EXPECT_TRUE(written.contains(key)) << key;
  for (const auto& [key, value] : ours.items()) {
    EXPECT_THAT(FormatPage(), HasSubstr("\"" + key + "\"")) << "FORMAT.md does not know " << key;
  }
}

TEST(FormatTest, TheTableOfMeasuresIsOurs) {
  const std::string page = FormatPage();
  const size_t begin = page.find("### Measures");
  const std::string table = page.substr(begin, page.find("\n## ", begin) - begin);
  for (const char* name : {"time_ns",
                           "cpu_ns",
                           "ops_per_second",
                           "allocs_per_op",
                           "bytes_per_op",
                           "new_allocs_per_op",
                           "new_bytes_per_op",
                           "gc_allocs_per_op",
                           "gc_bytes_per_op",
                           "collections",
                           "collections_per_1000_ops",
                           "pause_total_ns",
                           "pause_mean_ns",
                           "pause_p50_ns",
                           "pause_p99_ns",
                           "pause_max_ns",
                           "phase_concurrent_mark_ns",
                           "phase_stop_ns",
                           "phase_mark_ns",
                           "phase_restart_ns",
                           "phase_sweep_ns",
                           "gc_cpu_fraction",
                           "peak_heap_bytes",
                           "live_heap_bytes",
                           "request_p50_ns",
                           "request_p99_ns",
                           "request_p999_ns",
                           "request_max_ns",
                           "rss_peak_bytes"}) {
    const size_t at = table.find("`" + std::string(name) + "`");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_TRUE(IsKnownMeasure(name)) << name;
    const std::string row = table.substr(at, table.find('\n', at) - at);
    EXPECT_EQ(FindMeasure(name, "call").timing, row.ends_with("| timing |")) << row;
  }
}

test::Ran RunHeapwise(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), HEAPWISE_PROGRAM);
  return test::Execute(arguments);
}

TEST(HeapwiseTest, MeasuresJudgesAndCompares) {
  FakeTree tree;
  tree.AddLesson("05-good");
  const std::string root = "--root=" + tree.root().string();
  const test::Ran bench =
      RunHeapwise({"bench", "5", "--quick", "--seed=7", "--programs=" + tree.bin().string(), root});
  EXPECT_EQ(bench.status, 0) << bench.output;
  EXPECT_THAT(bench.output, HasSubstr("✓ shown"));
  const test::Ran verdicts = RunHeapwise({"verdicts", "--json", root});
  EXPECT_EQ(verdicts.status, 0);
  EXPECT_EQ(Json::parse(verdicts.output).size(), 2u);
  const test::Ran compare = RunHeapwise({"compare", "latest", "latest", root});
  EXPECT_EQ(compare.status, 0) << compare.output;
  EXPECT_THAT(RunHeapwise({"list", root}).output, HasSubstr("05-good  A fake"));
}

TEST(HeapwiseTest, SaysInOneLineWhatIsWrong) {
  FakeTree tree;
  tree.AddLesson("05-good");
  const std::string root = "--root=" + tree.root().string();
  const std::string programs = "--programs=" + tree.bin().string();
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& line) {
    const test::Ran ran = RunHeapwise(arguments);
    EXPECT_EQ(ran.status, 2) << line;
    EXPECT_EQ(ran.output, line + "\n");
  };
  const std::string subcommands =
      "; there are list, bench, verdicts, compare, escapes, peers, manifest, doctor";
  refused({}, "heapwise: which subcommand?" + subcommands);
  refused({"mesure"}, "heapwise: unknown subcommand 'mesure'" + subcommands);
  refused({"bench", "99", root, programs}, "no lesson '99'; there are 05-good");
  refused({"bench", "--mode=slow", root, programs}, "--mode=slow: must be quick, bench or lesson");
  refused({"bench", "--quick", "--mode=lesson", root, programs},
          "--quick and --mode=lesson contradict each other");
  refused({"bench", "--resume", "05", root, programs},
          "--resume goes on with the lessons of its run; leave out '05' (or write --resume=RUN)");
  refused({"bench", "--resume", "--seed=1", root, programs},
          "--resume goes on with the settings of its run; leave out --seed");
  refused({"verdicts", "--results=/nowhere", root},
          "/nowhere holds no run yet: measure one with `heapwise bench`");
  refused({"compare", "latest", root},
          "heapwise compare: needs two runs: heapwise compare RUN_A RUN_B");
  refused({"list", "--root=/nowhere"}, "--root=/nowhere: there is no lessons/ in it");
  refused({"doctor", "now"}, "heapwise doctor: one argument too many: 'now'; it takes none");
}

TEST(HeapwiseTest, GoesOnWithACommandThatAShellUnderstands) {
  // The tree's name has a space and a quote in it.
  FakeTree tree;
  tree.AddLesson("05-interrupts");
  tree.GoodFor("05-interrupts", 2);
  const test::Ran bench = RunHeapwise({"bench", "--quick", "--programs=" + tree.bin().string(),
                                       "--root=" + tree.root().string(),
                                       "--results=" + (tree.root() / "my runs").string()});
  EXPECT_EQ(bench.status, 130) << bench.output;
  const std::string words = "go on with: ";
  const size_t at = bench.output.find(words) + words.size();
  ASSERT_GE(at, words.size()) << bench.output;
  const std::string command = bench.output.substr(at, bench.output.find('\n', at) - at);
  tree.GoodFor("05-interrupts", 100);
  const test::Ran resumed = test::Shell(command);
  EXPECT_EQ(resumed.status, 0) << command << "\n" << resumed.output;
  const Json run = Json::parse(ReadFile(tree.root() / "my runs/latest/run.json").value_or("null"));
  EXPECT_EQ(run["status"], "complete");
  // The record's command has its words apart too.
  EXPECT_EQ(test::Shell("set -- " + run["command"].get<std::string>() + "; echo $#").output, "6\n");
}

TEST(HeapwiseTest, OutputThatIsLostIsAFailure) {
  FakeTree tree;
  tree.AddLesson("05-good");
  const std::string root = "--root=" + tree.root().string();
  const std::string programs = "--programs=" + tree.bin().string();
  const test::Ran bench = test::Execute({HEAPWISE_PROGRAM, "bench", "--quick", root, programs},
                                        {.output_to = "/dev/full"});
  EXPECT_EQ(bench.status, 1) << bench.output;
  const std::string line =
      "heapwise: not all of this could be written to standard output: No space left on device\n";
  EXPECT_THAT(bench.output, ::testing::EndsWith(line));
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"--version"},
                                             {"list", "--help"},
                                             {"list", root},
                                             {"list", "--json", root},
                                             {"verdicts", root},
                                             {"verdicts", "--json", root},
                                             {"compare", "latest", "latest", root},
                                             {"doctor"}}) {
    std::vector<std::string> argv = command;
    argv.insert(argv.begin(), HEAPWISE_PROGRAM);
    const test::Ran ran = test::Execute(argv, {.output_to = "/dev/full"});
    EXPECT_EQ(ran.status, 1) << command.front();
    EXPECT_EQ(ran.output, line) << command.front();
  }
  const std::string heapwise = ShellWord(HEAPWISE_PROGRAM);
  // Closed from the start: nothing else must get its number.
  const test::Ran closed = test::Shell(heapwise + " list " + ShellWord(root) + " >&-");
  EXPECT_EQ(closed.status, 1);
  EXPECT_EQ(closed.output,
            "heapwise: not all of this could be written to standard output: Bad file descriptor\n");
  // A pipe that nobody reads, with and without its signal: quiet, but no success.
  for (const char* trap : {"", "trap '' PIPE; "}) {
    const test::Ran pipe = test::Shell(
        std::string(trap) + "{ until [ -e closed ]; do sleep 0.01; done; " + heapwise + " list " +
            ShellWord(root) + "; echo $? >&2; } | { exec <&-; : > closed; }; rm closed",
        {.directory = tree.root()});
    EXPECT_EQ(pipe.output, *trap == '\0' ? "141\n" : "1\n");
  }
}

TEST(HeapwiseTest, WorksInADirectoryThatIsGone) {
  FakeTree tree;
  tree.AddLesson("05-good");
  const std::string root = ShellWord("--root=" + tree.root().string());
  const std::string gone = "mkdir gone && cd gone && rmdir ../gone && ";
  const auto in_it = [&](const std::string& arguments) {
    return test::Shell(gone + ShellWord(HEAPWISE_PROGRAM) + " " + arguments,
                       {.directory = tree.root()});
  };
  EXPECT_THAT(in_it("list " + root).output, HasSubstr("05-good  A fake"));
  const test::Ran bench =
      in_it("bench --quick " + root + " " + ShellWord("--programs=" + tree.bin().string()));
  EXPECT_EQ(bench.status, 0) << bench.output;
  EXPECT_EQ(in_it("verdicts " + root).status, 0);
  const test::Ran relative = in_it("verdicts --results=results " + root);
  EXPECT_EQ(relative.status, 2);
  EXPECT_EQ(relative.output, "results holds no run yet: measure one with `heapwise bench`\n");
  EXPECT_EQ(in_it("list --root=.").output, "--root=.: there is no lessons/ in it\n");
}

TEST(HeapwiseTest, TellsItsVersion) {
  const test::Ran ran = RunHeapwise({"--version"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, ::testing::MatchesRegex(
                              "heapwise [0-9.]+ \\(.+ `.*`, Google Benchmark .+, bdwgc .+\\)\n"));
}

TEST(HeapwiseTest, HelpsWithEverySubcommand) {
  EXPECT_EQ(RunHeapwise({"--help"}).status, 0);
  for (const std::string name :
       {"list", "bench", "verdicts", "compare", "escapes", "peers", "doctor"}) {
    EXPECT_THAT(RunHeapwise({"--help"}).output, HasSubstr("  " + name));
    const test::Ran help = RunHeapwise({name, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.output, HasSubstr("Example:\n  heapwise " + name));
    for (size_t begin = 0; begin < help.output.size();) {
      const size_t end = help.output.find('\n', begin);
      EXPECT_LE(end - begin, 80u) << help.output.substr(begin, end - begin);
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace heapwise::runner
