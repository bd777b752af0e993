#include "benchmarks/runner/measure/heap_profiles.h"

#include <sstream>
#include <string>

#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::HasSubstr;

// Runs of a lesson whose icicle chart shows what the fast variant gained since "early".
class RunnerProfileTest : public testing::Test {
 protected:
  void AddLesson(const std::string& name, const Json& variant_more = Json::object()) const {
    Json lesson = FakeLessonJson("process");
    lesson["variants"][1].update(variant_more);
    lesson["charts"].push_back({{"kind", "icicle"},
                                {"id", "growth"},
                                {"claim", "faster"},
                                {"variant", "fast"},
                                {"sample", "inuse_space"},
                                {"base", "early"}});
    tree_.AddLesson(name, lesson);
  }

  int Run(const BenchOptions& options) {
    std::ostringstream out;
    return RunBench(options, out, err_);
  }

  RecordedRun Latest() const {
    const absl::StatusOr<RecordedRun> run = ReadRun(tree_.results() / "latest");
    EXPECT_TRUE(run.ok()) << run.status();
    return *run;
  }

  std::string Content(const std::string& file) const {
    return ReadFile(tree_.results() / "latest" / file).value_or("none");
  }

  FakeTree tree_;
  std::ostringstream err_;
};

TEST_F(RunnerProfileTest, KeepsTheProfilesOfOneMoreProcess) {
  AddLesson("01-good", {{"environment", {{"GC_MARKERS", "1"}}}});
  EXPECT_EQ(Run(tree_.Options()), kExitOk);
  const LessonRecord record = Latest().lessons.at(0);
  EXPECT_EQ(record.blocks.size(), 12u);
  EXPECT_EQ(record.profiles.size(), 1u);
  EXPECT_EQ(record.profiles.at("fast"),
            (Profiles{{"end", "01-good-fast.pb.gz"}, {"early", "01-good-fast.early.pb.gz"}}));
  EXPECT_THAT(Content("01-good-fast.pb.gz"), HasSubstr("profile of ^(fast("));
  EXPECT_THAT(Content("01-good-fast.pb.gz"), HasSubstr("markers 1"));
  EXPECT_THAT(Content("01-good-fast.early.pb.gz"), HasSubstr("early profile of ^(fast("));
}

TEST_F(RunnerProfileTest, AFailureKeepsTheBlocksAndIsResumed) {
  AddLesson("01-unprofiled");
  EXPECT_EQ(Run(tree_.Options()), kExitFailed);
  const RecordedRun run = Latest();
  EXPECT_EQ(run.lessons.at(0).blocks.size(), 12u);
  EXPECT_EQ(run.run.lessons.at(0).failure->reason, "while it was profiled: exited with status 2");
  EXPECT_EQ(run.run.lessons.at(0).failure->variant, "fast");
  tree_.GoodFor("01-unprofiled", 1);
  BenchOptions resume = tree_.Options();
  resume.seed.reset();
  resume.resume = "";
  EXPECT_EQ(Run(resume), kExitOk) << err_.str();
  EXPECT_EQ(Latest().lessons.at(0).blocks.size(), 12u);
  EXPECT_THAT(Content("01-unprofiled-fast.pb.gz"), HasSubstr("profile of"));
}

TEST_F(RunnerProfileTest, AProfileThatWasNotSavedIsAFailure) {
  AddLesson("01-forgets");
  EXPECT_EQ(Run(tree_.Options()), kExitFailed);
  EXPECT_EQ(Latest().run.lessons.at(0).failure->reason,
            "while it was profiled: it saved no profile \"early\", which lesson.json asks for");
}

TEST(ProfileFileTest, NamesAreSafe) {
  EXPECT_EQ(ProfileFile("09-live", "fast/iterations:100", "end"),
            "09-live-fast_iterations_100.pb.gz");
  EXPECT_EQ(ProfileFile("09-live", "fast", "early"), "09-live-fast.early.pb.gz");
}

}  // namespace
}  // namespace heapwise::runner
