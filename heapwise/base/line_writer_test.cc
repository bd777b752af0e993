#include "heapwise/base/line_writer.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::runtime {
namespace {

class LineWriterTest : public testing::Test {
 protected:
  // Waiting for a reader is what must not happen.
  void SetUp() override { alarm(60); }
  void TearDown() override {
    alarm(0);
    close(ends_[0]);
    close(ends_[1]);
  }

  void SetNonblocking(int fd, bool on) {
    const int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
  }

  // Until not one byte more goes in.
  void Fill() {
    SetNonblocking(ends_[1], true);
    const std::string block(4096, '.');
    while (write(ends_[1], block.data(), block.size()) > 0) {
    }
    while (write(ends_[1], ".", 1) > 0) {
    }
    SetNonblocking(ends_[1], false);
  }

  // All that is in it now, but for what Fill wrote.
  std::string Drain() {
    SetNonblocking(ends_[0], true);
    std::string text;
    char block[4096];
    for (ssize_t n; (n = read(ends_[0], block, sizeof block)) > 0;) {
      text.append(block, static_cast<size_t>(n));
    }
    SetNonblocking(ends_[0], false);
    return text.substr(std::min(text.find_first_not_of('.'), text.size()));
  }

  void ExpectLinesAreLostWhileItIsFull() {
    LineWriter writer(ends_[1]);
    const auto print = [&writer](const std::string& line) {
      writer.Write(line.data(), line.size());
    };
    print("gc 1\n");
    EXPECT_EQ(Drain(), "gc 1\n");
    Fill();
    for (const char* line : {"gc 2\n", "gc 3\n", "gc 4\n"}) print(line);
    EXPECT_EQ(Drain(), "");
    print("gc 5\n");
    print("gc 6\n");
    EXPECT_EQ(Drain(), "(3 lines lost here: nobody read them in time)\ngc 5\ngc 6\n");
    EXPECT_EQ(fcntl(ends_[1], F_GETFL) & O_NONBLOCK, 0) << "whose flags are not ours to change";
  }

  int ends_[2] = {-1, -1};  // to read from, and to write to
};

TEST_F(LineWriterTest, AFullPipeLosesLines) {
  ASSERT_EQ(pipe(ends_), 0);
  ExpectLinesAreLostWhileItIsFull();
}

TEST_F(LineWriterTest, AFullSocketLosesLines) {
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0);
  ExpectLinesAreLostWhileItIsFull();
}

TEST_F(LineWriterTest, AFileIsWrittenToInTurnWithOthers) {
  const test::TempDir directory;
  const std::string file = directory.path() / "trace";
  ends_[1] = open(file.c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(ends_[1], 0);
  LineWriter writer(ends_[1]);
  EXPECT_EQ(write(ends_[1], "a\n", 2), 2);
  writer.Write("b\n", 2);
  EXPECT_EQ(write(ends_[1], "c\n", 2), 2);
  EXPECT_EQ(test::ReadFile(file), "a\nb\nc\n");
}

// Where the pipe cannot be opened once more: here, because no further descriptor may be had.
TEST_F(LineWriterTest, APipeThatIsNotOursToOpenLosesLinesToo) {
  ASSERT_EQ(pipe(ends_), 0);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 1, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const int another = dup(ends_[1]);
  ExpectLinesAreLostWhileItIsFull();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(another, -1);
}

// A terminal takes a part of a line when it is nearly full. Where its lines are lost, and how many at a time, is the
// system's affair; each must be there whole and in its place, or be counted.
TEST_F(LineWriterTest, ALineThatWasTakenInPartIsCompletedFirst) {
  termios raw{};
  cfmakeraw(&raw);
  if (openpty(&ends_[0], &ends_[1], nullptr, &raw, nullptr) != 0) {
    GTEST_SKIP() << "no pseudo-terminals here";
  }
  LineWriter writer(ends_[1]);
  const auto line = [](size_t n) { return std::to_string(n) + std::string(400 + n % 7, '-'); };
  size_t printed = 0;
  std::string text;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 100; ++i) {
      const std::string next = line(printed++) + "\n";
      writer.Write(next.data(), next.size());
    }
    text += Drain();
  }
  // Until one comes through: then all before it is told.
  const std::string last = line(printed) + "\n";
  while (!text.ends_with(last)) {
    writer.Write(last.data(), last.size());
    ++printed;
    text += Drain();
  }
  size_t n = 0;
  size_t lost = 0;
  std::istringstream lines(text);
  for (std::string read; std::getline(lines, read) && !HasFailure();) {
    if (read.starts_with('(')) {
      const size_t count = std::stoul(read.substr(1));
      EXPECT_EQ(read, "(" + std::to_string(count) + " lines lost here: nobody read them in time)");
      EXPECT_GT(count, 0u);
      n += count;
      lost += count;
    } else {
      EXPECT_EQ(read, line(std::min<size_t>(n++, 1000)));
    }
  }
  EXPECT_EQ(n, printed);
  EXPECT_GT(lost, 0u);
}

TEST_F(LineWriterTest, ALongerLineIsCut) {
  ASSERT_EQ(pipe(ends_), 0);
  const std::string line(LineWriter::kMaxLine + 50, 'x');
  LineWriter(ends_[1]).Write(line.data(), line.size());
  EXPECT_EQ(Drain(), line.substr(0, LineWriter::kMaxLine));
}

TEST_F(LineWriterTest, AClosedDescriptorTakesNothing) { LineWriter(-1).Write("gc 1\n", 5); }

}  // namespace
}  // namespace heapwise::runtime
