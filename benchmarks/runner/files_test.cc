#include "benchmarks/runner/files.h"

#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "benchmarks/runner/fake_tree.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

TEST(FilesTest, WritesWholeAndReadsBack) {
  FakeTree tree;
  const fs::path file = tree.root() / "f";
  EXPECT_TRUE(WriteFile(file, "old").ok());
  EXPECT_TRUE(WriteFile(file, std::string(1 << 20, 'x')).ok());
  EXPECT_EQ(ReadFile(file).value().size(), size_t{1} << 20);
  EXPECT_EQ(ReadFile(tree.root() / "absent").status().message(),
            (tree.root() / "absent").string() + ": cannot read: No such file or directory");
}

// A limit on file size fails a write half-way, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_;
  void (*handler_)(int);
};

TEST(FilesTest, AFullDiskLeavesTheOldFileAndNoOther) {
  FakeTree tree;
  const fs::path file = tree.root() / "f";
  ASSERT_TRUE(WriteFile(file, "old").ok());
  absl::Status written;
  {
    const FileSizeLimit limit(1024);
    written = WriteFile(file, std::string(1 << 20, 'x'));
  }
  EXPECT_EQ(written.message(), file.string() + ": cannot write: File too large");
  EXPECT_EQ(ReadFile(file).value(), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(tree.root()), {}), 3);  // f, lessons, bin
}

TEST(FilesTest, ReplacesALinkButNothingElse) {
  FakeTree tree;
  const fs::path link = tree.root() / "latest";
  EXPECT_TRUE(ReplaceSymlink(link, "a").ok());
  EXPECT_TRUE(ReplaceSymlink(link, "b").ok());
  EXPECT_EQ(fs::read_symlink(link), "b");
  EXPECT_EQ(ReplaceSymlink(tree.root() / "lessons", "a").message(),
            (tree.root() / "lessons").string() + ": is in the way: it should be a symbolic link");
}

TEST(FilesTest, ShowsPathsRelativeToWhereTheyLie) {
  EXPECT_EQ(DisplayPath("/a/b/c", "/a"), "b/c");
  EXPECT_EQ(DisplayPath("/x/b", "/a"), "/x/b");
  EXPECT_EQ(DisplayPath("b/c", "/a"), "b/c");
}

}  // namespace
}  // namespace heapwise::runner
