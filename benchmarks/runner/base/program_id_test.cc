#include "benchmarks/runner/base/program_id.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::runner {
namespace {

TEST(ProgramIdTest, IsTheLinkersBuildId) {
  // As `readelf -n` prints it: 20 bytes of SHA-1 by default.
  EXPECT_THAT(ProgramId("/proc/self/exe"), testing::MatchesRegex("[0-9a-f]{32,}"));
  EXPECT_EQ(ProgramId(HEAPWISE_PROGRAM), ProgramId(HEAPWISE_PROGRAM));
  EXPECT_NE(ProgramId(HEAPWISE_PROGRAM), ProgramId("/proc/self/exe"));
}

TEST(ProgramIdTest, IsAHashWhereThereIsNoBuildId) {
  const test::TempDir dir;
  // FNV-1a of "a", as its authors give it.
  EXPECT_EQ(ProgramId(dir.Write("script", "a")), "fnv1a-af63dc4c8601ec8c");
  EXPECT_NE(ProgramId(dir.Write("other", "b")), ProgramId(dir.path() / "script"));
}

TEST(ProgramIdTest, IsEmptyWhereThereIsNoFile) {
  const test::TempDir dir;
  EXPECT_EQ(ProgramId(dir.path() / "absent"), "");
  EXPECT_EQ(ProgramId(dir.path()), "");
}

}  // namespace
}  // namespace heapwise::runner
