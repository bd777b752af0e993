#include "benchmarks/runner/peers/peers_go.h"

#include <filesystem>
#include <string>

#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/testing/peers_scripts.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

// A Go that answers with this version.
void FakeVersion(const PeersScripts& scripts, const std::string& file, const std::string& version) {
  scripts.Script(file, "echo go version " + version + " test/test");
}

TEST(PeersGoTest, TakesTheNewestThatThereIs) {
  PeersScripts scripts;
  const fs::path& root = scripts.root();
  const std::string path = (root / "nowhere").string() + ":" + (root / "first").string() + ":" +
                           (root / "second").string();
  EXPECT_FALSE(FindGo(path, root));
  FakeVersion(scripts, "usr/lib/go-1.9/bin/go", "go1.9.7");
  EXPECT_EQ(FindGo(path, root)->program, root / "usr/lib/go-1.9/bin/go");
  FakeVersion(scripts, "usr/lib/go-1.22/bin/go", "go1.22.1");
  EXPECT_EQ(FindGo(path, root)->program, root / "usr/lib/go-1.22/bin/go") << "as a number";
  EXPECT_EQ(FindGo(path, root)->version, "go1.22.1 test/test");
  EXPECT_FALSE(FindGo(path, root)->IsCurrent());
  FakeVersion(scripts, "second/go", "go1.22.1");
  EXPECT_EQ(FindGo(path, root)->program, root / "second/go") << "PATH comes first";
  FakeVersion(scripts, "usr/local/go/bin/go", "go1.24rc1");
  EXPECT_EQ(FindGo(path, root)->program, root / "usr/local/go/bin/go");
  EXPECT_TRUE(FindGo(path, root)->IsCurrent());
  FakeVersion(scripts, "first/go", "go1.24.11 X:nodwarf5");
  EXPECT_EQ(FindGo(path, root)->program, root / "first/go");
}

TEST(PeersGoTest, PassesOverWhatIsNoGo) {
  PeersScripts scripts;
  scripts.Script("game/go", "echo black to move");
  scripts.Script("broken/go", "echo go version go1 x/y; exit 1");
  scripts.Write("text/go", "go version go1 x/y");
  fs::create_directories(scripts.root() / "directory/go");
  for (const char* name : {"game", "broken", "text", "directory"}) {
    EXPECT_FALSE(FindGo((scripts.root() / name).string(), "/nowhere")) << name;
  }
}

class BuildGoProgramTest : public testing::Test {
 protected:
  BuildGoProgramTest() { scripts_.FakeGo("go"); }

  absl::Status Build(const std::string& version = "go9.9 test/test") {
    return BuildGoProgram({scripts_.root() / "go", version}, scripts_.root() / "a.go",
                          scripts_.root() / "out/a", scripts_.root() / "out");
  }
  std::string Log() { return ReadFile(scripts_.root() / "out/a.log").value_or(""); }

  PeersScripts scripts_;
};

TEST_F(BuildGoProgramTest, BuildsWhatIsMissingOrOlderThanItsSource) {
  scripts_.Script("a.go", "echo 1");
  ASSERT_TRUE(Build().ok()) << Build();
  EXPECT_EQ(Log(), "built\n");
  ASSERT_TRUE(Build().ok());
  EXPECT_EQ(Log(), "built\n") << "it was there and newer";
  fs::last_write_time(scripts_.root() / "a.go",
                      fs::last_write_time(scripts_.root() / "out/a") + std::chrono::seconds(1));
  ASSERT_TRUE(Build().ok());
  EXPECT_EQ(Log(), "built\nbuilt\n");
}

// A table that names the newest Go shows what that one has compiled.
TEST_F(BuildGoProgramTest, BuildsAnewWithAnotherGo) {
  scripts_.Script("a.go", "echo 1");
  ASSERT_TRUE(Build().ok()) << Build();
  ASSERT_TRUE(Build("go9.10 test/test").ok());
  EXPECT_EQ(Log(), "built\nbuilt\n");
  ASSERT_TRUE(Build("go9.10 test/test").ok());
  EXPECT_EQ(Log(), "built\nbuilt\n");
}

TEST_F(BuildGoProgramTest, SaysWhyItCouldNot) {
  EXPECT_EQ(Build().message(),
            (scripts_.root() / "a.go").string() + ": cannot read: No such file or directory");
  scripts_.Write("a.go", "syntax error");
  EXPECT_EQ(Build().message(), "a.go: go build exited with status 1: " +
                                   (scripts_.root() / "a.go").string() + ": syntax error");
}

}  // namespace
}  // namespace heapwise::runner
