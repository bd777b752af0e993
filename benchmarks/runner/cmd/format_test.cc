// Holds the examples of docs/FORMAT.md against what is read and written here.
#include <set>
#include <string>
#include <vector>

#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/format/lesson_file.h"
#include "benchmarks/runner/format/measures.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/judge/analysis.h"
#include "benchmarks/runner/judge/analysis_json.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

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
  const absl::StatusOr<LessonFile> lesson = ParseLessonFile("05-x", "lesson.json", example.dump());
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
  const absl::StatusOr<LessonFile> parsed = ParseLessonFile("05-x", "lesson.json", lesson.dump());
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

}  // namespace
}  // namespace heapwise::runner
