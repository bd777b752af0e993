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

// A Go that answers with this version.
void FakeGo(const TempDir& root, const std::string& program, const std::string& version) {
  std::filesystem::permissions(
      root.Write(program, "#!/bin/sh\n[ \"$*\" = 'env GOVERSION' ] && echo " + version + "\n"),
      std::filesystem::perms::owner_all);
}

TEST(GoTest, TheNewestIsFoundWhereverItIs) {
  const TempDir root;
  const std::string path = ":" + (root.path() / "nowhere").string() + ":" +
                           (root.path() / "first").string() + ":" +
                           (root.path() / "second").string();
  const auto newest = [&] { return NewestGo(path, root.path()).value_or(Go{}); };
  EXPECT_FALSE(NewestGo(path, root.path()));
  FakeGo(root, "first/go", "go1.9.7");
  EXPECT_EQ(newest().program, root.path() / "first/go");
  EXPECT_THAT(newest().version, testing::ElementsAre(1, 9, 7));
  FakeGo(root, "second/go", "go1.22");
  EXPECT_EQ(newest().program, root.path() / "second/go") << "as a number";
  FakeGo(root, "usr/lib/go-1.22/bin/go", "go1.22");
  EXPECT_EQ(newest().program, root.path() / "second/go") << "PATH comes first";
  FakeGo(root, "usr/lib/go-1.22/bin/go", "go1.22.1");
  EXPECT_EQ(newest().program, root.path() / "usr/lib/go-1.22/bin/go");
  FakeGo(root, "usr/local/go/bin/go", "go1.24rc1");
  EXPECT_EQ(newest().program, root.path() / "usr/local/go/bin/go");
  EXPECT_THAT(newest().version, testing::ElementsAre(1, 24));
}

TEST(GoTest, WhatIsNoGoIsPassedOver) {
  const TempDir root;
  FakeGo(root, "game/go", "'black to move'");
  FakeGo(root, "devel/go", "devel");
  root.Write("text/go", "go1.27.4");
  std::filesystem::create_directories(root.path() / "directory/go");
  for (const char* name : {"game", "devel", "text", "directory"}) {
    EXPECT_FALSE(NewestGo((root.path() / name).string(), root.path() / "none")) << name;
  }
}

TEST(GoTest, WhatIsOnPathComesFirst) {
  EXPECT_THAT(PathWithGo(), testing::StartsWith(std::getenv("PATH")));
}

}  // namespace
}  // namespace heapwise::test
