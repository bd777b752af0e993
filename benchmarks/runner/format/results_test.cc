#include "benchmarks/runner/format/results.h"

#include <functional>
#include <string>

#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

RunRecord FakeRun() {
  RunRecord run;
  run.id = "2026-11-23-101500";
  run.mode = "bench";
  run.command = "heapwise bench";
  run.seed = 18446744073709551615u;
  run.started = "2026-11-23T10:15:00Z";
  run.status = RunStatus::kFailed;
  run.machine = {"cpu", 2, 1 << 30, "6.1", "unknown"};
  run.load_before = {0.5, 0.25, 0};
  run.build = {"GNU 12.2.0", "Release", "-O2", "abc", true, "1.7.1", "8.2.2"};
  run.settings = DefaultSettings("bench");
  run.lessons = {
      {"05-fake", RunStatus::kComplete, 1, std::nullopt},
      {"06-fake", RunStatus::kFailed, 0, Failure{"reason", 1, std::nullopt, "\xff output\n"}}};
  return run;
}

LessonRecord FakeRecord() {
  LessonRecord record;
  record.lesson = "05-fake";
  record.title = "A fake";
  record.operation = "call";
  record.isolation = "together";
  record.status = RunStatus::kComplete;
  record.build_id = "0123abcd";
  record.context = {{"gc_markers", "1"}};
  record.slow = "slow";
  record.fast = "fast";
  record.control = "control";
  record.variants = {{"slow", "the slow one"}, {"fast", "the fast one", {{"GC_MARKERS", "1"}}}};
  Block block;
  block.order = {"fast", "control", "slow"};
  for (const std::string& variant : block.order) {
    block.samples[variant] = {{"iterations", 1000}, {"time_ns", 43.125}};
  }
  record.blocks = {block};
  record.timelines["fast"].collections = Json::parse(R"([{"t_s": 0.5, "n": 1}])");
  record.timelines["fast"].rss = {{0.0, 4096}, {0.005, 8192}};
  return record;
}

TEST(ResultsTest, ARunComesBackAsItWas) {
  const std::string text = RunToText(FakeRun());
  const absl::StatusOr<RunRecord> run = ParseRun("run.json", text);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->seed, FakeRun().seed);
  EXPECT_EQ(run->machine, FakeRun().machine);
  EXPECT_EQ(run->finished, std::nullopt);
  EXPECT_EQ(run->lessons[1].failure->output, "\xEF\xBF\xBD output\n");
  EXPECT_EQ(RunToText(*run), text);
}

TEST(ResultsTest, ALessonComesBackAsItWas) {
  const std::string text = ToText(LessonToJson(FakeRecord()));
  const absl::StatusOr<LessonRecord> record = ParseLessonRecord("f.json", text);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->blocks[0].samples, FakeRecord().blocks[0].samples);
  EXPECT_EQ(record->variants[1].environment, (Environment{{"GC_MARKERS", "1"}}));
  EXPECT_FALSE(Json::parse(text)["variants"][0].contains("environment"));
  EXPECT_THAT(record->blocks[0].order, ElementsAre("fast", "control", "slow"));
  EXPECT_EQ(record->timelines.at("fast").rss, FakeRecord().timelines.at("fast").rss);
  EXPECT_EQ(ToText(LessonToJson(*record)), text);
}

std::string RunError(const std::function<void(Json&)>& change) {
  Json json = Json::parse(RunToText(FakeRun()));
  change(json);
  return std::string(ParseRun("run.json", json.dump()).status().message());
}

std::string LessonError(const std::function<void(Json&)>& change) {
  Json json = LessonToJson(FakeRecord());
  change(json);
  return std::string(ParseLessonRecord("f.json", json.dump()).status().message());
}

TEST(ResultsTest, RefusesAMalformedRun) {
  EXPECT_EQ(RunError([](Json& json) { json["format"] = 2; }),
            "run.json: format: is not 1, the only format this program reads");
  EXPECT_EQ(RunError([](Json& json) { json["extra"] = 1; }).substr(0, 44),
            "run.json: extra: is not a known field; known");
  EXPECT_EQ(RunError([](Json& json) { json["seed"] = -1; }),
            "run.json: seed: must be a whole number, 0 or greater");
  EXPECT_EQ(RunError([](Json& json) {
              json["load_after"] = {1, 2};
            }),
            "run.json: load_after: must have at least 3 elements, has 2");
  EXPECT_EQ(RunError([](Json& json) { json["settings"]["max_blocks"] = 1; }),
            "run.json: settings.max_blocks: must not be less than min_blocks");
  EXPECT_EQ(RunError([](Json& json) { json["lessons"][0]["lesson"] = "../x"; }),
            "run.json: lessons[0].lesson: must be a lesson's name");
  EXPECT_EQ(RunError([](Json& json) { json["lessons"][1]["lesson"] = "05-fake"; }),
            "run.json: lessons[1].lesson: is there twice: \"05-fake\"");
  EXPECT_EQ(
      RunError([](Json& json) { json["lessons"][1]["blocks"] = 4294967297; }),
      "run.json: lessons[1].blocks: must be a whole number from 0 to 2147483647, got 4294967297");
  EXPECT_EQ(RunError([](Json& json) {
              json["build"]["dirty"] = nullptr;
              json["build"].erase("build_type");
            }),
            "");
  EXPECT_EQ(RunError([](Json& json) { json["lessons"][0]["status"] = "done"; }),
            "run.json: lessons[0].status: must be one of \"complete\", \"failed\", "
            "\"interrupted\", \"running\", got \"done\"");
}

TEST(ResultsTest, RefusesAMalformedLesson) {
  EXPECT_EQ(LessonError([](Json& json) { json["blocks"][0]["samples"]["slow"]["time_ns"] = "x"; }),
            "f.json: blocks[0].samples.slow.time_ns: must be a number, got \"x\"");
  EXPECT_EQ(
      LessonError([](Json& json) { json["blocks"][0]["samples"]["slow"].erase("iterations"); }),
      "f.json: blocks[0].samples.slow.iterations: is missing");
  EXPECT_EQ(LessonError([](Json& json) { json["blocks"][0]["samples"].erase("control"); }),
            "f.json: blocks[0].samples: has no sample of \"control\"");
  EXPECT_EQ(LessonError([](Json& json) { json["blocks"][0]["samples"]["x"] = Json::object(); }),
            "f.json: blocks[0].samples.x: is no variant of this lesson");
  EXPECT_EQ(LessonError([](Json& json) { json["timelines"]["fast"]["rss"][0] = {1}; }),
            "f.json: timelines.fast.rss[0]: must have at least 2 elements, has 1");
  EXPECT_EQ(LessonError([](Json& json) { json["variants"][1]["environment"]["GC_MARKERS"] = 1; }),
            "f.json: variants[1].environment.GC_MARKERS: must be a string, got 1");
}

class RunOnDiskTest : public testing::Test {
 protected:
  void WriteRun(const std::string& name, const LessonRecord& record = FakeRecord()) {
    tree_.Write("results/" + name + "/run.json", RunToText(FakeRun()));
    tree_.Write("results/" + name + "/05-fake.json", ToText(LessonToJson(record)));
  }

  FakeTree tree_;
};

TEST_F(RunOnDiskTest, ReadsWhatWasWritten) {
  WriteRun("a");
  const absl::StatusOr<RecordedRun> run = ReadRun(tree_.results() / "a");
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_THAT(run->run.lessons, SizeIs(2));
  EXPECT_THAT(run->lessons, SizeIs(1));  // 06-fake failed before its first block
}

TEST_F(RunOnDiskTest, ABrokenFileDoesNotStandInTheWayOfTheOthers) {
  WriteRun("a");
  RunRecord run = FakeRun();
  run.lessons[1].blocks = 12;
  tree_.Write("results/a/run.json", RunToText(run));
  const std::string text = ToText(LessonToJson(FakeRecord()));
  tree_.Write("results/a/06-fake.json", text.substr(0, text.size() / 2));
  const absl::StatusOr<RecordedRun> recorded = ReadRun(tree_.results() / "a");
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_THAT(recorded->lessons, SizeIs(1));
  ASSERT_THAT(recorded->unreadable, SizeIs(1));
  EXPECT_THAT(recorded->unreadable.at("06-fake"),
              testing::StartsWith((tree_.results() / "a/06-fake.json").string() + ": line "));
}

TEST_F(RunOnDiskTest, RefusesAFileOfAnotherLesson) {
  LessonRecord other = FakeRecord();
  other.lesson = "07-other";
  WriteRun("a", other);
  EXPECT_EQ(ReadRun(tree_.results() / "a")->unreadable.at("05-fake"),
            (tree_.results() / "a/05-fake.json").string() +
                ": lesson: must be \"05-fake\", as the file is named, got \"07-other\"");
}

TEST_F(RunOnDiskTest, FindsRunsByNameAndPath) {
  WriteRun("b");
  WriteRun("a");
  std::filesystem::create_directory(tree_.results() / "empty");
  std::filesystem::create_directory_symlink("b", tree_.results() / "latest");
  EXPECT_THAT(RunNames(tree_.results()), ElementsAre("a", "b"));
  EXPECT_EQ(FindRun(tree_.results(), "a").value(), tree_.results() / "a");
  EXPECT_EQ(FindRun(tree_.results(), "latest").value(), tree_.results() / "latest");
  EXPECT_EQ(FindRun("/nowhere", (tree_.results() / "b").string()).value(), tree_.results() / "b");
  EXPECT_EQ(FindRun("results", "c").status().message(),
            "no run 'c', neither a directory nor a name under results");
  EXPECT_EQ(FindRun(tree_.results(), "empty").status().message(),
            "empty: is no run: it holds no run.json");
  EXPECT_EQ(FindRun("nothing", "latest").status().message(),
            "nothing holds no run yet: measure one with `heapwise bench`");
}

TEST_F(RunOnDiskTest, WithoutALinkTheLatestIsTheNewestByName) {
  for (const std::string name :
       {"2026-11-23-101500", "2026-11-23-101500-2", "2026-11-23-101500-10", "2026-11-22-235959",
        "2025-01-01-000000-999999", "reference", "zebra"}) {
    WriteRun(name);
  }
  std::filesystem::create_directories(tree_.results() / "2026-11-24-000000");  // no run yet
  const std::filesystem::path newest = tree_.results() / "2026-11-23-101500-10";
  EXPECT_EQ(FindRun(tree_.results(), "latest").value(), newest);
  // By its path, as from a script.
  EXPECT_EQ(FindRun("elsewhere", (tree_.results() / "latest").string()).value(), newest);
  // Something in the way, a run even, a file, a link that points nowhere.
  WriteRun("latest");
  EXPECT_EQ(FindRun(tree_.results(), "latest").value(), newest);
  std::filesystem::remove_all(tree_.results() / "latest");
  tree_.Write("results/latest", "a file");
  EXPECT_EQ(FindRun(tree_.results(), "latest").value(), newest);
  std::filesystem::remove(tree_.results() / "latest");
  std::filesystem::create_symlink("gone", tree_.results() / "latest");
  EXPECT_EQ(FindRun(tree_.results(), "latest").value(), newest);
}

}  // namespace
}  // namespace heapwise::runner
