#include "benchmarks/runner/cmd/verdicts.h"

#include <sstream>
#include <string>

#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/cmd/bench.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::HasSubstr;

class VerdictsTest : public testing::Test {
 protected:
  int Verdicts(bool json) {
    return RunVerdicts(tree_.root(), tree_.results() / "latest", json, Terminal(), out_, err_);
  }
  void Bench() {
    std::ostringstream ignored;
    RunBench(tree_.Options(), ignored, ignored);
  }

  FakeTree tree_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(VerdictsTest, AreTheRecordedOnesAgain) {
  tree_.AddLesson("05-good");
  tree_.AddLesson("06-good");
  Bench();
  EXPECT_EQ(Verdicts(true), 0);
  const Json again = Json::parse(out_.str());
  const Json recorded = Json::parse(ReadFile(tree_.results() / "latest/verdicts.json").value());
  ASSERT_EQ(again.size(), recorded.size());
  for (size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].size(), 7u);
    for (const auto& [key, value] : again[i].items()) EXPECT_EQ(value, recorded[i][key]) << key;
  }
  out_.str("");
  EXPECT_EQ(Verdicts(false), 0);
  EXPECT_THAT(out_.str(), HasSubstr("05-good  A fake (12 blocks)\n"));
}

TEST_F(VerdictsTest, ComeFromTheBlocksNotFromWhatWasWritten) {
  tree_.AddLesson("05-good");
  Bench();
  const std::filesystem::path file = tree_.results() / "latest/05-good.json";
  Json record = Json::parse(ReadFile(file).value());
  for (Json& block : record["blocks"]) block["samples"]["slow"]["time_ns"] = 10;
  EXPECT_EQ(record["claims"][0]["verdict"], "shown");
  ASSERT_TRUE(WriteFile(file, record.dump()).ok());
  EXPECT_EQ(Verdicts(true), 0);
  EXPECT_EQ(Json::parse(out_.str())[0]["verdict"], "contradicted");
}

TEST_F(VerdictsTest, LeaveOutAMalformedFileAndJudgeTheOthers) {
  tree_.AddLesson("05-good");
  tree_.AddLesson("06-good");
  Bench();
  const std::filesystem::path file = tree_.results() / "latest/05-good.json";
  ASSERT_TRUE(WriteFile(file, R"({"format": 1, "lesson": 5})").ok());
  EXPECT_EQ(Verdicts(true), 1);
  EXPECT_EQ(err_.str(),
            "left out: 05-good: " + file.string() + ": lesson: must be a string, got 5\n");
  ASSERT_EQ(Json::parse(out_.str()).size(), 2u);
  EXPECT_EQ(Json::parse(out_.str())[0]["lesson"], "06-good");
  out_.str("");
  EXPECT_EQ(Verdicts(false), 1);
  EXPECT_THAT(out_.str(), HasSubstr("06-good  A fake (12 blocks)\n"));
}

TEST_F(VerdictsTest, LeaveOutALessonThatThereIsNoMore) {
  tree_.AddLesson("05-good");
  tree_.AddLesson("06-good");
  Bench();
  std::filesystem::remove_all(tree_.root() / "lessons/05-good");
  EXPECT_EQ(Verdicts(true), 1);
  EXPECT_EQ(err_.str(),
            "left out: 05-good: " + (tree_.root() / "lessons/05-good/lesson.json").string() +
                ": cannot read: No such file or directory\n");
  EXPECT_EQ(Json::parse(out_.str())[0]["lesson"], "06-good");
}

TEST_F(VerdictsTest, OfARunWithoutBlocksSaySo) {
  tree_.AddLesson("05-interrupts");
  tree_.AddLesson("06-good");
  Bench();
  EXPECT_EQ(Verdicts(false), 0);
  EXPECT_EQ(err_.str(),
            (tree_.results() / "latest").string() + ": nothing was measured in this run\n");
  EXPECT_THAT(
      out_.str(),
      HasSubstr("06-good (0 blocks)\n  Not measured: interrupted before its first block.\n"));
}

TEST_F(VerdictsTest, RefuseAMalformedRun) {
  tree_.AddLesson("05-good");
  Bench();
  const std::filesystem::path file = tree_.results() / "latest/run.json";
  ASSERT_TRUE(WriteFile(file, "{").ok());
  EXPECT_EQ(Verdicts(true), 2);
  EXPECT_EQ(err_.str(), file.string() + ": line 1, column 2: is not JSON\n");
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace heapwise::runner
