#include "testing/go.h"

#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::test {
namespace {

TEST(GoTest, NewestFirstByNumber) {
  const TempDir lib;
  for (const char* name : {"go-1.9", "go-1.24", "go-1.19", "go-2.0"}) {
    lib.Write(std::string(name) + "/bin/go", "");
  }
  for (const char* no_toolchain : {"go-1.30/README", "go-1.31-doc/bin/go", "go/bin/go", "gcc/x"}) {
    lib.Write(no_toolchain, "");
  }
  EXPECT_THAT(GoToolchains(lib.path()),
              testing::ElementsAre(lib.path() / "go-2.0", lib.path() / "go-1.24",
                                   lib.path() / "go-1.19", lib.path() / "go-1.9"));
  EXPECT_TRUE(GoToolchains(lib.path() / "nowhere").empty());
}

TEST(GoTest, WhatIsOnPathComesFirst) {
  EXPECT_THAT(PathWithGo(), testing::StartsWith(std::getenv("PATH")));
}

}  // namespace
}  // namespace heapwise::test
