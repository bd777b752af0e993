#include "benchmarks/runner/machine.h"

#include <cstdlib>
#include <string>

#include "benchmarks/runner/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

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
  EXPECT_THAT(facts.flags, testing::HasSubstr("-O2"));
  EXPECT_THAT(facts.benchmark, testing::ContainsRegex("^1\\."));
  EXPECT_THAT(facts.bdwgc, testing::ContainsRegex("^8\\."));
}

class CommitTest : public testing::Test {
 protected:
  int Git(const std::string& arguments) {
    return std::system(("git -C " + tree_.root().string() +
                        " -c user.name=t -c user.email=t@example.org " + arguments +
                        " >/dev/null 2>&1")
                           .c_str());
  }

  FakeTree tree_;
};

TEST_F(CommitTest, IsUnknownOutsideACheckout) {
  const BuildFacts facts = ReadBuildFacts(tree_.root());
  EXPECT_EQ(facts.commit, "unknown");
  EXPECT_FALSE(facts.dirty);
}

TEST_F(CommitTest, IsTheCheckoutsWithItsState) {
  if (Git("init") != 0) GTEST_SKIP() << "there is no git here";
  tree_.Write("f", "1");
  ASSERT_EQ(Git("add f"), 0);
  ASSERT_EQ(Git("commit -m first"), 0);
  const BuildFacts clean = ReadBuildFacts(tree_.root());
  EXPECT_THAT(clean.commit, testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_FALSE(clean.dirty);
  tree_.Write("f", "2");
  EXPECT_TRUE(ReadBuildFacts(tree_.root()).dirty);
  // A tree that was only unpacked inside somebody's checkout is none itself.
  EXPECT_EQ(ReadBuildFacts(tree_.root() / "lessons").commit, "unknown");
}

}  // namespace
}  // namespace heapwise::runner
