#include "benchmarks/runner/base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::runner {
namespace {

using ::testing::EndsWith;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using End = ProcessOutcome::End;

ProcessOutcome Shell(const std::string& script,
                     absl::Duration time_limit = absl::InfiniteDuration()) {
  ProcessRequest request;
  request.command = {"/bin/sh", "-c", script};
  request.time_limit = time_limit;
  return RunProcess(request);
}

// Whether the process has ended, or does so within a few seconds; whoever inherits it has still to wait for it.
bool Gone(pid_t pid) {
  for (int i = 0; i < 500; ++i) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(stat, line) || line.find(") Z") != std::string::npos) return true;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return false;
}

TEST(ProcessTest, KeepsStatusAndOutput) {
  const ProcessOutcome outcome = Shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(outcome.end, End::kExited);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_FALSE(outcome.Succeeded());
  EXPECT_EQ(outcome.output, "out\nerr\n");
  EXPECT_EQ(outcome.Describe(absl::Seconds(1)), "exited with status 3");
  EXPECT_TRUE(Shell("true").Succeeded());
}

TEST(ProcessTest, KeepsTheLastOfMuchOutput) {
  const ProcessOutcome outcome = Shell("yes é | head -c 100001; echo; echo end");
  EXPECT_LE(outcome.output.size(), kOutputTail);
  EXPECT_GT(outcome.output.size(), kOutputTail - 4);
  EXPECT_THAT(outcome.output, EndsWith("end\n"));
  EXPECT_NE(outcome.output[0] & 0xC0, 0x80) << "starts inside a character";
}

TEST(ProcessTest, TellsTheSignal) {
  const ProcessOutcome outcome = Shell("kill -KILL $$");
  EXPECT_EQ(outcome.end, End::kSignalled);
  EXPECT_EQ(outcome.Describe(absl::Seconds(1)), "killed by signal 9 (Killed)");
}

TEST(ProcessTest, TellsWhyItCouldNotStart) {
  ProcessRequest request;
  request.command = {"/nowhere/at/all"};
  const ProcessOutcome outcome = RunProcess(request);
  EXPECT_EQ(outcome.end, End::kNotStarted);
  EXPECT_EQ(outcome.Describe(absl::Seconds(1)), "could not be started: No such file or directory");
}

TEST(ProcessTest, KillsTheWholeGroupAtTheTimeLimit) {
  // The grandchild holds the output open and would outlive its parent.
  const ProcessOutcome outcome =
      Shell("trap '' TERM INT; sleep 1000 & echo $!; wait", absl::Milliseconds(200));
  EXPECT_EQ(outcome.end, End::kTimedOut);
  EXPECT_EQ(outcome.Describe(absl::Seconds(60)), "ran past its time limit of 1m and was killed");
  EXPECT_TRUE(Gone(std::stoi(outcome.output)));
}

TEST(ProcessTest, DoesNotWaitForAGrandchildThatStays) {
  const ProcessOutcome outcome = Shell("sleep 1000 & echo $!");
  EXPECT_TRUE(outcome.Succeeded());
  const pid_t grandchild = std::stoi(outcome.output);
  EXPECT_NE(kill(grandchild, SIGKILL), 0) << grandchild << " still ran";
}

TEST(ProcessTest, DiesWithTheRunner) {
  // A runner of our own, which is killed while its child runs.
  const test::TempDir dir;
  const std::filesystem::path file = dir.path() / "pid";
  const pid_t runner = fork();
  if (runner == 0) {
    ProcessRequest request;
    request.command = {"/bin/sh", "-c", "echo $$ > \"$1\"; exec sleep 1000", "sh", file.string()};
    RunProcess(request);
    _exit(0);
  }
  pid_t child = 0;
  for (int i = 0; i < 1000 && child == 0; ++i) {
    std::ifstream(file) >> child;
    absl::SleepFor(absl::Milliseconds(10));
  }
  ASSERT_GT(child, 0);
  kill(runner, SIGKILL);
  waitpid(runner, nullptr, 0);
  EXPECT_TRUE(Gone(child));
  kill(child, SIGKILL);  // where it did not
}

TEST(ProcessTest, KillsAGrandchildThatLeftTheGroup) {
  // In a session of its own, and its child in yet another one.
  const test::TempDir dir;
  ProcessRequest request;
  request.command = {
      "/bin/sh", "-c",
      "setsid sh -c 'setsid sleep 1000 & echo $! $$ > \"$1\"; sleep 1000' sh \"$1\" &\n"
      "until [ -s \"$1\" ]; do sleep 0.01; done",
      "sh", (dir.path() / "pids").string()};
  EXPECT_TRUE(RunProcess(request).Succeeded());
  std::istringstream pids(test::ReadFile(dir.path() / "pids"));
  int seen = 0;
  for (pid_t pid; pids >> pid; ++seen) EXPECT_NE(kill(pid, SIGKILL), 0) << pid << " still ran";
  EXPECT_EQ(seen, 2);
}

TEST(ProcessTest, LetsAnOrphanCleanUpBehindItsParent) {
  // It waits for its parent's end, which a kill of the group brings about, and then takes a moment.
  const test::TempDir dir;
  ProcessRequest request;
  request.command = {"/bin/sh", "-c",
                     "setsid sh -c 'while kill -0 \"$2\"; do sleep 0.01; done; : > \"$1\"' sh "
                     "\"$1\" $$ 2>/dev/null &\n"
                     "sleep 0.1; kill -9 $$",
                     "sh", (dir.path() / "cleaned").string()};
  EXPECT_EQ(RunProcess(request).end, End::kSignalled);
  EXPECT_TRUE(std::filesystem::exists(dir.path() / "cleaned"));
}

TEST(ProcessTest, RunsWithoutStandardStreamsOfItsOwn) {
  // As a runner that was started with its streams closed: the pipe gets their numbers.
  std::array<int, 3> kept;
  for (int fd = 0; fd < 3; ++fd) {
    kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    close(fd);
  }
  const ProcessOutcome outcome = Shell("echo out; echo err >&2");
  for (int fd = 0; fd < 3; ++fd) {
    dup2(kept[fd], fd);
    close(kept[fd]);
  }
  EXPECT_TRUE(outcome.Succeeded());
  EXPECT_EQ(outcome.output, "out\nerr\n");
}

TEST(ProcessTest, SamplesMemoryFromOutside) {
  ProcessRequest request;
  request.command = {"/bin/sh", "-c", "sleep 0.1"};
  request.sample_rss = true;
  const ProcessOutcome outcome = RunProcess(request);
  ASSERT_THAT(outcome.rss, SizeIs(Gt(1u)));
  EXPECT_GT(outcome.rss[0].second, 4096);
  for (size_t i = 1; i < outcome.rss.size(); ++i) {
    EXPECT_GT(outcome.rss[i].first, outcome.rss[i - 1].first);
  }
  request.sample_rss = false;
  EXPECT_THAT(RunProcess(request).rss, SizeIs(0));
}

TEST(ProcessTest, SamplesWhatIsResidentNotWhatIsReserved) {
  // 512 MiB are reserved, of which 32 MiB are touched.
  constexpr double kMiB = 1 << 20;
  ProcessRequest request;
  request.command = {"/proc/self/exe", "--gtest_also_run_disabled_tests",
                     "--gtest_filter=ProcessTest.DISABLED_ReservesMuchAndTouchesLittle"};
  request.sample_rss = true;
  const ProcessOutcome outcome = RunProcess(request);
  ASSERT_TRUE(outcome.Succeeded()) << outcome.output;
  double peak = 0;
  for (const auto& [seconds, bytes] : outcome.rss) peak = std::max(peak, bytes);
  EXPECT_GE(peak, 32 * kMiB);
  EXPECT_LT(peak, 200 * kMiB);
}

// The child of the test above.
TEST(ProcessTest, DISABLED_ReservesMuchAndTouchesLittle) {
  constexpr size_t kReserved = size_t{512} << 20;
  constexpr size_t kTouched = size_t{32} << 20;
  void* const memory =
      mmap(nullptr, kReserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::memset(memory, 1, kTouched);
  absl::SleepFor(10 * kRssPeriod);  // so that it is seen
  munmap(memory, kReserved);
}

TEST(ProcessTest, HidesWhatSteersCollectorsAndBenchmarks) {
  for (const char* name : {"GOGC", "GOMEMLIMIT", "GODEBUG", "GC_MARKERS", "BENCHMARK_FILTER"}) {
    setenv(name, "1", 1);
  }
  setenv("HEAPWISE_TEST", "stays", 1);
  const std::string environment = Shell("env").output;
  EXPECT_THAT(environment, HasSubstr("HEAPWISE_TEST=stays"));
  EXPECT_THAT(environment, Not(HasSubstr("GOGC=")));
  EXPECT_THAT(environment, Not(HasSubstr("GOMEMLIMIT=")));
  EXPECT_THAT(environment, Not(HasSubstr("GODEBUG=")));
  EXPECT_THAT(environment, Not(HasSubstr("GC_MARKERS=")));
  EXPECT_THAT(environment, Not(HasSubstr("BENCHMARK_FILTER=")));
  for (const char* name :
       {"GOGC", "GOMEMLIMIT", "GODEBUG", "GC_MARKERS", "BENCHMARK_FILTER", "HEAPWISE_TEST"}) {
    unsetenv(name);
  }
}

TEST(ProcessTest, SetsWhatTheRequestNames) {
  setenv("GC_MARKERS", "7", 1);
  setenv("HEAPWISE_TEST", "old", 1);
  ProcessRequest request;
  request.command = {"/bin/sh", "-c", "env"};
  request.environment = {{"GC_MARKERS", "1"}, {"HEAPWISE_TEST", "a=b"}, {"HEAPWISE_EMPTY", ""}};
  const std::string environment = "\n" + RunProcess(request).output;
  unsetenv("GC_MARKERS");
  unsetenv("HEAPWISE_TEST");
  EXPECT_THAT(environment, HasSubstr("\nGC_MARKERS=1\n"));
  EXPECT_THAT(environment, HasSubstr("\nHEAPWISE_TEST=a=b\n"));
  EXPECT_THAT(environment, HasSubstr("\nHEAPWISE_EMPTY=\n"));
  EXPECT_THAT(environment, Not(HasSubstr("=7")));
  EXPECT_THAT(environment, Not(HasSubstr("=old")));
}

TEST(InterruptTest, EndsTheChildAndIsRemembered) {
  const Interrupt interrupt;
  EXPECT_FALSE(Interrupt::Requested());
  EXPECT_EQ(Shell("kill -INT $PPID; sleep 1000").end, End::kInterrupted);
  EXPECT_TRUE(Interrupt::Requested());
}

TEST(InterruptTest, GivesTheSignalsBackWhenItGoes) {
  { const Interrupt interrupt; }
  struct sigaction action;
  sigaction(SIGINT, nullptr, &action);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
  EXPECT_FALSE(Interrupt::Requested());
}

}  // namespace
}  // namespace heapwise::runner
