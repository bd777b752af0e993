#include "benchmarks/runner/format/run_dir.h"

#include <filesystem>
#include <string>

#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

TEST(RunDirTest, IsNamedByTheTimeAndNeverTwice) {
  FakeTree tree;
  const absl::Time now =
      absl::FromCivil(absl::CivilSecond(2026, 11, 23, 10, 15, 0), absl::UTCTimeZone());
  {
    const auto first = RunDir::Create(tree.results(), now);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(first->id(), "2026-11-23-101500");
    EXPECT_TRUE(first->Write("run.json", "{}").ok());
  }
  const auto second = RunDir::Create(tree.results(), now);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->id(), "2026-11-23-101500-2");
  EXPECT_EQ(ReadFile(tree.results() / "2026-11-23-101500/run.json").value(), "{}");
}

TEST(RunDirTest, LatestIsTheNewest) {
  FakeTree tree;
  for (const char* newest : {"1970-01-01-000000", "1970-01-01-000000-2"}) {
    const auto run = RunDir::Create(tree.results(), absl::UnixEpoch());
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_TRUE(run->MakeLatest().ok());
    EXPECT_EQ(fs::read_symlink(tree.results() / "latest"), newest);
  }
}

TEST(RunDirTest, WhatIsInTheWayOfLatestStays) {
  FakeTree tree;
  tree.Write("results/latest/note", "mine");
  const auto run = RunDir::Create(tree.results(), absl::UnixEpoch());
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_TRUE(absl::IsFailedPrecondition(run->MakeLatest()));
  EXPECT_EQ(ReadFile(tree.results() / "latest/note").value(), "mine");
}

TEST(RunDirTest, OnlyOneIsWrittenAtATime) {
  FakeTree tree;
  {
    const auto held = RunDir::Create(tree.results(), absl::UnixEpoch());
    ASSERT_TRUE(held.ok()) << held.status();
    for (const absl::Status& refused :
         {RunDir::Open(held->path()).status(),
          RunDir::Create(tree.results(), absl::UnixEpoch()).status()}) {
      EXPECT_TRUE(absl::IsFailedPrecondition(refused));
      EXPECT_THAT(std::string(refused.message()),
                  testing::HasSubstr(" (run 1970-01-01-000000) is measuring"));
    }
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
