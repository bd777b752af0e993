#include "benchmarks/runner/base/root.h"

#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

TEST(RootTest, FromTheExecutableUpwardThenFromHere) {
  FakeTree tree;
  FakeTree other;
  EXPECT_EQ(FindRoot(tree.root() / "build/bin/heapwise", other.root()).value(), tree.root());
  EXPECT_EQ(FindRoot("/usr/bin/heapwise", other.root() / "lessons/05-x").value(), other.root());
  EXPECT_EQ(FindRoot("/usr/bin/heapwise", "/usr").status().message(),
            "no directory with lessons/ above /usr/bin or /usr; name it with --root=DIR");
  // Neither /proc nor a working directory.
  EXPECT_EQ(FindRoot("", "").status().message(),
            "no directory with lessons/; name it with --root=DIR");
  EXPECT_EQ(FindRoot("", tree.root()).value(), tree.root());
}

TEST(RootTest, KnowsThisProgram) { EXPECT_EQ(ExecutablePath().filename(), "runner_test"); }

}  // namespace
}  // namespace heapwise::runner
