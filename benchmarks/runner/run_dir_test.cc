#include "benchmarks/runner/run_dir.h"

#include <filesystem>

#include "benchmarks/runner/fake_tree.h"
#include "benchmarks/runner/files.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

TEST(RunDirTest, IsNamedByTheTimeAndNeverTwice) {
  FakeTree tree;
  const absl::Time now =
      absl::FromCivil(absl::CivilSecond(2026, 11, 23, 10, 15, 0), absl::UTCTimeZone());
  const auto first = RunDir::Create(tree.results(), now);
  const auto second = RunDir::Create(tree.results(), now);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->id(), "2026-11-23-101500");
  EXPECT_EQ(second->id(), "2026-11-23-101500-2");
  EXPECT_TRUE(first->Write("run.json", "{}").ok());
  EXPECT_EQ(ReadFile(tree.results() / "2026-11-23-101500/run.json").value(), "{}");
}

TEST(RunDirTest, LatestIsTheNewest) {
  FakeTree tree;
  const auto first = RunDir::Create(tree.results(), absl::UnixEpoch());
  const auto second = RunDir::Create(tree.results(), absl::UnixEpoch());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_TRUE(first->MakeLatest().ok());
  EXPECT_TRUE(second->MakeLatest().ok());
  EXPECT_EQ(fs::read_symlink(tree.results() / "latest"), "1970-01-01-000000-2");
}

TEST(RunDirTest, IsHeldByOne) {
  FakeTree tree;
  {
    const auto held = RunDir::Create(tree.results(), absl::UnixEpoch());
    ASSERT_TRUE(held.ok());
    EXPECT_EQ(RunDir::Open(held->path()).status().message(),
              held->path().string() + ": is still being measured by another process");
  }
  EXPECT_TRUE(RunDir::Open(tree.results() / "1970-01-01-000000").ok());
}

TEST(RunDirTest, SaysWhyItCannotBeMade) {
  FakeTree tree;
  tree.Write("results", "a file");
  EXPECT_EQ(RunDir::Create(tree.results() / "x", absl::UnixEpoch()).status().message(),
            (tree.results() / "x").string() + ": cannot be made: Not a directory");
}

}  // namespace
}  // namespace heapwise::runner
