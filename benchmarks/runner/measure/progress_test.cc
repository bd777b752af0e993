#include "benchmarks/runner/measure/progress.h"

#include <sstream>

#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

const ProgressState kHalf = {"05-value-return", 1, 4, 3, 12, 30, 50};

TEST(ProgressTest, TheLineFitsTheTerminal) {
  EXPECT_EQ(ProgressLine(kHalf, 100),
            "[########............] 1/4 05-value-return, block 3 of 12, 30 s, about 50 s left");
  EXPECT_EQ(ProgressLine(kHalf, 79), "1/4 05-value-return, block 3 of 12, 30 s, about 50 s left");
  EXPECT_EQ(ProgressLine(kHalf, 40), "1/4 05-value-return, block 3 of 12");
  EXPECT_EQ(ProgressLine(kHalf, 10), "1/4 05-val");
}

TEST(ProgressTest, TheLineIsCutToTheLastColumn) {
  const std::string line =
      "[########............] 1/4 05-value-return, block 3 of 12, 30 s, about 50 s left";
  EXPECT_EQ(ProgressLine(kHalf, static_cast<int>(line.size())), line);
  EXPECT_EQ(ProgressLine(kHalf, 0), "");
  EXPECT_EQ(ProgressLine(kHalf, -1), "");
  ProgressState done = kHalf;
  done.left_seconds = 0;
  EXPECT_EQ(ProgressLine(done, 100).substr(0, 22), "[####################]");
  std::ostringstream out;
  Progress progress(out, {true, 35, false});
  progress.Update(kHalf);
  EXPECT_EQ(out.str(), "\r1/4 05-value-return, block 3 of 12\033[K") << "34 of 35 columns";
}

TEST(ProgressTest, PlainLinesElsewhere) {
  std::ostringstream out;
  {
    Progress progress(out, Terminal());
    progress.LessonStarts(kHalf);
    progress.Update(kHalf);
    progress.LessonEnds("05-value-return", "12 blocks in 5 s");
  }
  EXPECT_EQ(out.str(),
            "05-value-return: measuring, lesson 1 of 4\n05-value-return: 12 blocks in 5 s\n");
}

TEST(ProgressTest, OneLineOnATerminalThatIsClearedForOthers) {
  std::ostringstream out;
  {
    Progress progress(out, {true, 41, false});
    progress.LessonStarts(kHalf);
    progress.Say("a line");
    progress.LessonEnds("05-value-return", "not shown");
  }
  EXPECT_EQ(out.str(), "\r1/4 05-value-return, block 3 of 12\033[K\r\033[Ka line\n");
}

TEST(ProgressTest, NothingIsDoneBeforeTheStart) {
  EXPECT_EQ(ProgressState().Share(), 0);
  EXPECT_EQ(kHalf.Share(), 0.375);
}

}  // namespace
}  // namespace heapwise::runner
