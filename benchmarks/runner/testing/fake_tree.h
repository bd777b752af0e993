// For tests: a source tree of lessons that are no lessons, with fake_lesson in place of their programs.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_TESTING_FAKE_TREE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_TESTING_FAKE_TREE_H_

#include <filesystem>
#include <string>

#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/cmd/bench.h"
#include "testing/temp_dir.h"

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
    std::filesystem::create_directories(root() / "lessons");
    std::filesystem::create_directories(root() / "bin");
  }

  const std::filesystem::path& root() const { return dir_.path(); }
  std::filesystem::path bin() const { return root() / "bin"; }
  std::filesystem::path results() const { return root() / "results"; }

  // The last part of the name says how it behaves (testdata/fake_lesson.cc).
  void AddLesson(const std::string& name, const Json& lesson_json = FakeLessonJson()) const {
    Write("lessons/" + name + "/lesson.json", lesson_json.dump(2));
    std::filesystem::create_symlink(FAKE_LESSON, bin() / name);
  }

  void Script(const std::string& file, const std::string& commands) const {
    Write(file, "#!/bin/sh\n" + commands + "\n");
    std::filesystem::permissions(root() / file, std::filesystem::perms::owner_all);
  }

  // Puts another program in the place of the lesson's.
  void ReplaceProgram(const std::string& name) const {
    std::filesystem::remove(bin() / name);
    Script("bin/" + name, "exec " + ShellWord(FAKE_LESSON) + " \"$@\"");
  }

  // The lesson behaves well for the next `starts` starts.
  void GoodFor(const std::string& name, int starts) const {
    Write("bin/" + name + ".after", std::to_string(starts));
  }

  void Write(const std::string& file, const std::string& text) const { dir_.Write(file, text); }

  // For a quick run of all lessons with a fixed seed.
  BenchOptions Options() const {
    BenchOptions options;
    options.root = root();
    options.programs = bin();
    options.results = results();
    options.mode = "quick";
    options.seed = 42;
    options.command = "heapwise bench --quick --seed=42";
    return options;
  }

 private:
  test::TempDir dir_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_TESTING_FAKE_TREE_H_
