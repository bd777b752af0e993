// For tests: a source tree of lessons that are no lessons, with fake_lesson in place of their programs.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FAKE_TREE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FAKE_TREE_H_

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "benchmarks/runner/bench.h"
#include "benchmarks/runner/json_field.h"
#include "gtest/gtest.h"

namespace heapwise::runner {

// A lesson.json as the fake lesson fits it: slow takes twice as long as fast, and allocates.
inline Json FakeLessonJson(const std::string& isolation = "together") {
  return Json::parse(R"({
    "title": "A fake", "pattern": "none", "minutes": 10, "operation": "call",
    "isolation": ")" +
                     isolation +
                     R"(",
    "pair": {"slow": "slow", "fast": "fast"},
    "variants": [{"name": "slow", "label": "the slow one", "code": "slow.cc"},
                 {"name": "fast", "label": "the fast one"}],
    "claims": [
      {"id": "faster", "says": "Fast is faster than slow", "kind": "ratio", "measure": "time_ns",
       "of": "slow", "over": "fast", "expect": "more",
       "shown": "Slow takes {estimate} as long", "contradicted": "Slow is no slower: {estimate}"},
      {"id": "allocates-nothing", "says": "Slow allocates nothing", "kind": "exact",
       "measure": "allocs_per_op", "of": "slow", "expect": "equal", "value": 0,
       "shown": "Slow costs {estimate}", "contradicted": "Slow costs {estimate}, not 0"}],
    "charts": [{"kind": "pair", "id": "pair", "claim": "faster", "measure": "time_ns",
                "rows": [{"label": "both", "slow": "slow", "fast": "fast"}]}]
  })");
}

// Lives in a temporary directory, which it removes.
class FakeTree {
 public:
  FakeTree() {
    std::string name = testing::TempDir() + "heapwise_XXXXXX";
    root_ = mkdtemp(name.data());
    std::filesystem::create_directories(root_ / "lessons");
    std::filesystem::create_directories(root_ / "bin");
  }
  ~FakeTree() { std::filesystem::remove_all(root_); }
  FakeTree(const FakeTree&) = delete;
  FakeTree& operator=(const FakeTree&) = delete;

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path bin() const { return root_ / "bin"; }
  std::filesystem::path results() const { return root_ / "results"; }

  // The last part of the name says how it behaves (testdata/fake_lesson.cc).
  void AddLesson(const std::string& name, const Json& lesson_json = FakeLessonJson()) const {
    Write("lessons/" + name + "/lesson.json", lesson_json.dump(2));
    std::filesystem::create_symlink(FAKE_LESSON, bin() / name);
  }

  // The lesson behaves well for the next `starts` starts.
  void GoodFor(const std::string& name, int starts) const {
    Write("bin/" + name + ".after", std::to_string(starts));
  }

  void Write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  // For a quick run of all lessons with a fixed seed.
  BenchOptions Options() const {
    BenchOptions options;
    options.root = root_;
    options.programs = bin();
    options.results = results();
    options.mode = "quick";
    options.seed = 42;
    options.command = "heapwise bench --quick --seed=42";
    return options;
  }

 private:
  std::filesystem::path root_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FAKE_TREE_H_
