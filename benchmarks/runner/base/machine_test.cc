#include "benchmarks/runner/base/machine.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace heapwise::runner {
namespace {

TEST(MachineTest, TellsWhatLinuxTells) {
  const MachineFacts facts = ReadMachineFacts();
  EXPECT_NE(facts.cpu, "");
  EXPECT_GE(facts.cores, 1);
  EXPECT_GT(facts.memory_bytes, 1 << 20);
  EXPECT_THAT(facts.kernel, testing::ContainsRegex("^[0-9]+\\."));
  EXPECT_NE(facts.governor, "");
  for (const double load : LoadAverages()) EXPECT_GE(load, 0);
}

TEST(MachineTest, TellsTheBuild) {
  const BuildFacts facts = ReadBuildFacts("/");
  EXPECT_NE(facts.compiler, "");
  // What CMake gives the compiler in this build.
  const std::string cache = test::ReadFile(test::BuildDirectory() / "CMakeCache.txt");
  EXPECT_THAT(cache, testing::HasSubstr("\nCMAKE_BUILD_TYPE:STRING=" + facts.build_type + "\n"));
  const std::string commands = test::ReadFile(test::BuildDirectory() / "compile_commands.json");
  EXPECT_THAT(commands, testing::HasSubstr(" " + facts.flags + " "));
  EXPECT_THAT(facts.benchmark, testing::ContainsRegex("^1\\."));
  EXPECT_THAT(facts.bdwgc, testing::ContainsRegex("^8\\."));
}

class CommitTest : public testing::Test {
 protected:
  int Git(std::vector<std::string> arguments) {
    std::vector<std::string> command = {"env", "git",         "-C", tree_.root().string(),
                                        "-c",  "user.name=t", "-c", "user.email=t@example.org"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::Execute(command).status;
  }

  FakeTree tree_;
};

TEST_F(CommitTest, IsUnknownOutsideACheckout) {
  const BuildFacts facts = ReadBuildFacts(tree_.root());
  EXPECT_EQ(facts.commit, "unknown");
  EXPECT_EQ(facts.dirty, std::nullopt);
}

TEST_F(CommitTest, IsTheCheckoutsWithItsState) {
  if (Git({"init"}) != 0) GTEST_SKIP() << "there is no git here";
  tree_.Write("f", "1");
  ASSERT_EQ(Git({"add", "f"}), 0);
  ASSERT_EQ(Git({"commit", "-m", "first"}), 0);
  const BuildFacts clean = ReadBuildFacts(tree_.root());
  EXPECT_THAT(clean.commit, testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(clean.dirty, false);
  tree_.Write("f", "2");
  EXPECT_EQ(ReadBuildFacts(tree_.root()).dirty, true);
  // A tree that was only unpacked inside somebody's checkout is none itself.
  EXPECT_EQ(ReadBuildFacts(tree_.root() / "lessons").commit, "unknown");
}

TEST_F(CommitTest, IsNotThatOfARepositoryThatTheEnvironmentNames) {
  if (Git({"init"}) != 0) GTEST_SKIP() << "there is no git here";
  tree_.Write("f", "1");
  ASSERT_EQ(Git({"add", "f"}), 0);
  ASSERT_EQ(Git({"commit", "-m", "first"}), 0);
  const FakeTree other;
  setenv("GIT_DIR", (tree_.root() / ".git").c_str(), 1);
  const BuildFacts facts = ReadBuildFacts(other.root());
  unsetenv("GIT_DIR");
  EXPECT_EQ(facts.commit, "unknown");
}

TEST(UnusualBuildTest, NamesTypeAndFlags) {
  BuildFacts build = CompiledBuild();
  build.flags = "-O2 -g -DNDEBUG";
  EXPECT_EQ(UnusualBuild(build), "");
  build.build_type = "Debug";
  build.flags = "-g";
  EXPECT_EQ(UnusualBuild(build), "built as Debug with `-g`, not with `-O2 -g -DNDEBUG`");
}

}  // namespace
}  // namespace heapwise::runner
