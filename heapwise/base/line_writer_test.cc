#include "heapwise/base/line_writer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
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

TEST_F(LineWriterTest, AClosedDescriptorTakesNothing) { LineWriter(-1).Write("gc 1\n", 5); }

}  // namespace
}  // namespace heapwise::runtime
