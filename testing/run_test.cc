#include "testing/run.h"

#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::test {
namespace {

using ::testing::HasSubstr;

TEST(RunTest, PassesArgumentsAsTheyAre) {
  EXPECT_EQ(Execute({"printf", "%s|", "two words", "it's", "$HOME"}).output,
            "two words|it's|$HOME|");
}

TEST(RunTest, TellsStatusAndSignal) {
  EXPECT_EQ(Execute({"true"}).status, 0);
  EXPECT_EQ(Shell("exit 3").status, 3);
  EXPECT_EQ(Shell("kill -9 $$").status, 128 + 9);
}

TEST(RunTest, KeepsBothStreamsInTheirOrder) {
  EXPECT_EQ(Shell("echo one; echo two >&2; echo three").output, "one\ntwo\nthree\n");
}

TEST(RunTest, InputIsEmpty) { EXPECT_EQ(Execute({"cat"}).output, ""); }

TEST(RunTest, RunsInTheDirectoryWithTheEnvironment) {
  const TempDir directory;
  setenv("HEAPWISE_RUN_TEST", "before", 1);
  const Ran ran =
      Shell("pwd; echo $HEAPWISE_RUN_TEST $HEAPWISE_RUN_MORE",
            {.directory = directory.path(),
             .environment = {{"HEAPWISE_RUN_TEST", "after"}, {"HEAPWISE_RUN_MORE", "x"}}});
  EXPECT_EQ(ran.output, directory.path().string() + "\nafter x\n");
  EXPECT_STREQ(getenv("HEAPWISE_RUN_TEST"), "before");
}

TEST(RunTest, OutputGoesToTheFileAndErrorsDoNot) {
  const TempDir directory;
  const std::filesystem::path file = directory.path() / "out";
  EXPECT_EQ(Shell("echo one; echo two >&2", {.output_to = file}).output, "two\n");
  EXPECT_EQ(ReadFile(file), "one\n");
}

TEST(RunTest, AProgramThatIsNotThereFailsTheTest) {
  EXPECT_NONFATAL_FAILURE(EXPECT_EQ(Execute({"/nowhere/program"}).status, -1),
                          "cannot run /nowhere/program");
}

TEST(RunTest, FindsTheTreeThatItWasBuiltFrom) {
  EXPECT_TRUE(std::filesystem::exists(SourceRoot() / "testing/run_test.cc"));
  EXPECT_TRUE(std::filesystem::exists(BuildDirectory() / "test/testing_test"));
}

TEST(TempDirTest, IsThereAndThenIsNot) {
  std::filesystem::path path;
  {
    const TempDir directory;
    path = directory.path();
    EXPECT_THAT(path.string(), HasSubstr("heapwise test's "));
    EXPECT_EQ(ReadFile(directory.Write("a/b.txt", "text")), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(ReadFile(path / "a/b.txt"), "");
}

}  // namespace
}  // namespace heapwise::test
