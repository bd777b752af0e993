#include "benchmarks/runner/base/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TerminalTest, Wraps) {
  EXPECT_THAT(Wrap("one two  three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(Wrap("extraordinary word", 5), ElementsAre("extraordinary", "word"));
  EXPECT_THAT(Wrap("µs µs", 5), ElementsAre("µs µs"));
  EXPECT_THAT(Wrap("", 5), IsEmpty());
}

TEST(TerminalTest, Width) { EXPECT_EQ(DisplayWidth("✓ µs"), 4); }

TEST(TerminalTest, APipeIsNone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Terminal terminal = InspectTerminal(ends[1]);
  EXPECT_FALSE(terminal.is_terminal);
  EXPECT_FALSE(terminal.colour);
  EXPECT_EQ(terminal.width, 80);
  close(ends[0]);
  close(ends[1]);
}

TEST(TerminalTest, ATerminalHasItsWidthAndColourUnlessNotWanted) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
    GTEST_SKIP() << "no pseudo-terminals here";
  }
  const int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  ASSERT_GE(slave, 0);
  const winsize size = {.ws_row = 24, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(ioctl(slave, TIOCSWINSZ, &size), 0);
  unsetenv("NO_COLOR");
  setenv("TERM", "xterm", 1);
  EXPECT_EQ(InspectTerminal(slave).width, 100);
  EXPECT_TRUE(InspectTerminal(slave).is_terminal);
  EXPECT_TRUE(InspectTerminal(slave).colour);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(InspectTerminal(slave).colour);
  unsetenv("NO_COLOR");
  for (const char* none : {"dumb", ""}) {
    setenv("TERM", none, 1);
    EXPECT_EQ(InspectTerminal(slave).width, 100);
    EXPECT_FALSE(InspectTerminal(slave).is_terminal) << "TERM=" << none;
    EXPECT_FALSE(InspectTerminal(slave).colour) << "TERM=" << none;
  }
  close(slave);
  close(master);
}

}  // namespace
}  // namespace heapwise::runner
