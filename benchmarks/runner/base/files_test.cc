#include "benchmarks/runner/base/files.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/run.h"

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

TEST(FilesTest, ATemporaryNameThatIsTakenIsPassedOver) {
  FakeTree tree;
  // Left behind by a process of the same number, such as one of another container.
  const std::string taken = ".f." + std::to_string(getpid()) + ".0.tmp";
  tree.Write(taken, "another's");
  EXPECT_TRUE(WriteFile(tree.root() / "f", "ours").ok());
  EXPECT_TRUE(ReplaceSymlink(tree.root() / "link", "f").ok());
  EXPECT_EQ(ReadFile(tree.root() / "f").value(), "ours");
  EXPECT_EQ(ReadFile(tree.root() / taken).value(), "another's");
}

TEST(FilesTest, ListsWhatIsThere) {
  FakeTree tree;
  EXPECT_THAT(EntriesOf(tree.root()),
              testing::ElementsAre(tree.root() / "bin", tree.root() / "lessons"));
  EXPECT_TRUE(EntriesOf(tree.root() / "absent").empty());
}

TEST(FilesTest, QuotesForAShell) {
  EXPECT_EQ(ShellWord("--results=/tmp/a-b_c"), "--results=/tmp/a-b_c");
  EXPECT_EQ(ShellWord("my results"), "'my results'");
  EXPECT_EQ(ShellWord(""), "''");
  for (const std::string word : {"John's $HOME", "a;b", "~", "*", "\n", "\\"}) {
    EXPECT_EQ(test::Shell("printf %s " + ShellWord(word)).output, word);
  }
}

TEST(FilesTest, ShowsPathsRelativeToWhereTheyLie) {
  EXPECT_EQ(DisplayPath("/a/b/c", "/a"), "b/c");
  EXPECT_EQ(DisplayPath("/x/b", "/a"), "/x/b");
  EXPECT_EQ(DisplayPath("b/c", "/a"), "b/c");
}

}  // namespace
}  // namespace heapwise::runner
