#include "benchmarks/runner/base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "benchmarks/runner/base/files.h"

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 declares no C linkage itself
}

extern char** environ;

namespace heapwise::runner {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kOrphansMomentNs = kNsPerSecond / 4;

// Set by the handler, which also writes a byte to the pipe, so that a poll ends however close the signal
// came before it.
volatile sig_atomic_t interrupt_requested = 0;
std::array<int, 2> interrupt_pipe = {-1, -1};
struct sigaction previous_int;
struct sigaction previous_term;

void OnSignal(int) {
  const int saved_errno = errno;
  interrupt_requested = 1;
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = write(interrupt_pipe[1], &byte, 1);
  errno = saved_errno;
}

int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

std::vector<std::string> ChildEnvironment(const Environment& set) {
  std::vector<std::string> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const absl::string_view text = *entry;
    bool steers = false;
    for (const char* prefix : {"GOGC=", "GOMEMLIMIT=", "GODEBUG=", "GC_", "BENCHMARK_"}) {
      steers = steers || absl::StartsWith(text, prefix);
    }
    const bool replaced = set.contains(std::string(text.substr(0, text.find('='))));
    if (!steers && !replaced) kept.emplace_back(*entry);
  }
  for (const auto& [name, value] : set) kept.push_back(name + "=" + value);
  return kept;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, between fork and exec: async-signal-safe calls only.
[[noreturn]] void BecomeChild(pid_t runner, int output, int exec_error, char** arguments,
                              char** environment) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != runner) _exit(127);  // it died before the line above
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  // Out of the way of 0 to 2 first, where the runner itself was started without one of those: dup2 onto itself
  // would leave it close-on-exec.
  output = fcntl(output, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  exec_error = fcntl(exec_error, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int null = open("/dev/null", O_RDONLY);
  if (null > STDIN_FILENO) dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execve(arguments[0], arguments, environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(exec_error, &error, sizeof(error));
  _exit(127);
}

// Reads what there is without waiting. False at the end of the stream.
bool Drain(int fd, std::string& tail) {
  char buffer[1 << 14];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof(buffer));
    if (n == 0) return false;
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN;
    }
    tail.append(buffer, n);
    if (tail.size() > 2 * kOutputTail) tail.erase(0, tail.size() - kOutputTail);
  }
}

// Cuts to the last kOutputTail bytes, and never inside a UTF-8 character.
void CutTail(std::string& tail) {
  if (tail.size() > kOutputTail) tail.erase(0, tail.size() - kOutputTail);
  size_t start = 0;
  while (start < tail.size() && (static_cast<unsigned char>(tail[start]) & 0xC0) == 0x80) ++start;
  tail.erase(0, start);
}

// The second number of /proc/PID/statm, in pages. Negative when the process is gone.
int64_t ResidentBytes(int statm) {
  char buffer[128];
  const ssize_t n = pread(statm, buffer, sizeof(buffer) - 1, 0);
  if (n <= 0) return -1;
  buffer[n] = '\0';
  int64_t size = 0;
  int64_t resident = 0;
  if (std::sscanf(buffer, "%" SCNd64 " %" SCNd64, &size, &resident) != 2) return -1;
  return resident * sysconf(_SC_PAGESIZE);
}

// This process's children, those that it inherited included.
std::set<pid_t> Children() {
  std::set<pid_t> children;
  for (const std::filesystem::path& thread : EntriesOf("/proc/self/task")) {
    const std::string list = ReadFile(thread / "children").value_or("");
    for (const absl::string_view word : absl::StrSplit(list, ' ', absl::SkipWhitespace())) {
      int child = 0;
      if (absl::SimpleAtoi(word, &child)) children.insert(child);
    }
  }
  return children;
}

// While it lives, processes below this one that lose their parent become its own children; at its end those that
// it did not have before are killed. The group's end does not reach a process that made a session of its own. One that
// did so to clean up behind a parent that is killed gets a moment for it.
class Descendants {
 public:
  Descendants() : before_(Children()) { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~Descendants() {
    const int64_t patience_ends_ns = NowNs() + kOrphansMomentNs;
    while (AnyLeft() && NowNs() < patience_ends_ns) absl::SleepFor(absl::Milliseconds(1));
    // One that is killed leaves its own children here in turn.
    for (bool found = true; found;) {
      found = false;
      for (const pid_t child : Children()) {
        if (before_.contains(child)) continue;
        kill(child, SIGKILL);
        found = waitpid(child, nullptr, 0) == child || found;
      }
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
  }
  Descendants(const Descendants&) = delete;
  Descendants& operator=(const Descendants&) = delete;

 private:
  // Whether a process that was left behind still runs; waits for those that have ended.
  bool AnyLeft() const {
    bool left = false;
    for (const pid_t child : Children()) {
      left = left || (!before_.contains(child) && waitpid(child, nullptr, WNOHANG) == 0);
    }
    return left;
  }

  const std::set<pid_t> before_;
};

}  // namespace

std::string ProcessOutcome::Describe(absl::Duration time_limit) const {
  switch (end) {
    case End::kExited:
      return absl::StrFormat("exited with status %d", code);
    case End::kSignalled:
      return absl::StrFormat("killed by signal %d (%s)", code, strsignal(code));
    case End::kTimedOut:
      return absl::StrFormat("ran past its time limit of %s and was killed",
                             absl::FormatDuration(time_limit));
    case End::kInterrupted:
      return "interrupted";
    case End::kNotStarted:
      return absl::StrFormat("could not be started: %s", std::strerror(code));
  }
  return "";
}

ProcessOutcome RunProcess(const ProcessRequest& request) {
  ProcessOutcome outcome;
  std::vector<std::string> command = request.command;
  std::vector<std::string> environment = ChildEnvironment(request.environment);
  const std::vector<char*> arguments = Pointers(command);
  const std::vector<char*> variables = Pointers(environment);

  std::array<int, 2> output;
  std::array<int, 2> exec_error;
  if (pipe2(output.data(), O_CLOEXEC) != 0) {
    outcome.code = errno;
    return outcome;
  }
  if (pipe2(exec_error.data(), O_CLOEXEC) != 0) {
    outcome.code = errno;
    close(output[0]);
    close(output[1]);
    return outcome;
  }
  const Descendants descendants;
  const pid_t runner = getpid();
  const int64_t start_ns = NowNs();
  outcome.start_ns = start_ns;
  const pid_t child = fork();
  if (child == 0) {
    BecomeChild(runner, output[1], exec_error[1], const_cast<char**>(arguments.data()),
                const_cast<char**>(variables.data()));
  }
  const int fork_error = errno;
  close(output[1]);
  close(exec_error[1]);
  int start_error = 0;
  if (child < 0) {
    start_error = fork_error;
  } else {
    setpgid(child, child);  // here too: whoever comes first
    ssize_t n;
    do {
      n = read(exec_error[0], &start_error, sizeof(start_error));
    } while (n < 0 && errno == EINTR);
    if (n != sizeof(start_error)) start_error = 0;  // exec closed the pipe: it runs
    if (start_error != 0) waitpid(child, nullptr, 0);
  }
  close(exec_error[0]);
  if (start_error != 0) {
    close(output[0]);
    outcome.code = start_error;
    return outcome;
  }
  fcntl(output[0], F_SETFL, O_NONBLOCK);

  const std::string statm_path = absl::StrFormat("/proc/%d/statm", child);
  const int statm = request.sample_rss ? open(statm_path.c_str(), O_RDONLY | O_CLOEXEC) : -1;
  const int64_t period_ns = absl::ToInt64Nanoseconds(kRssPeriod);
  const bool limited = request.time_limit < absl::InfiniteDuration();
  const int64_t deadline_ns = limited ? start_ns + absl::ToInt64Nanoseconds(request.time_limit) : 0;
  // Readable when the child has ended. Kernels before 5.3 have no such thing: look often instead.
  const int ending = pidfd_open(child, 0);
  const int64_t look_ns = ending >= 0 ? kNsPerSecond : kNsPerSecond / 500;
  int64_t next_sample_ns = NowNs();
  bool output_open = true;
  bool killed = false;
  siginfo_t ended;
  for (;;) {
    ended.si_pid = 0;
    if (waitid(P_PID, child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == child) {
      break;
    }
    const int64_t now_ns = NowNs();
    if (!killed && Interrupt::Requested()) {
      outcome.end = ProcessOutcome::End::kInterrupted;
      killed = true;
      kill(-child, SIGKILL);
    } else if (!killed && limited && now_ns >= deadline_ns) {
      outcome.end = ProcessOutcome::End::kTimedOut;
      killed = true;
      kill(-child, SIGKILL);
    }
    int64_t wake_ns = now_ns + look_ns;
    if (statm >= 0) {
      if (now_ns >= next_sample_ns) {
        const int64_t bytes = ResidentBytes(statm);
        if (bytes > 0) {
          outcome.rss.emplace_back(static_cast<double>(now_ns - start_ns) / kNsPerSecond,
                                   static_cast<double>(bytes));
        }
        next_sample_ns += (1 + (now_ns - next_sample_ns) / period_ns) * period_ns;
      }
      wake_ns = std::min(wake_ns, next_sample_ns);
    }
    if (limited && !killed) wake_ns = std::min(wake_ns, deadline_ns);
    const int64_t wait_ns = std::max<int64_t>(0, wake_ns - NowNs());
    // A negative descriptor is ignored by poll: a closed output, no Interrupt, one already acted on.
    std::array<pollfd, 3> watched = {pollfd{output_open ? output[0] : -1, POLLIN, 0},
                                     pollfd{killed ? -1 : interrupt_pipe[0], POLLIN, 0},
                                     pollfd{ending, POLLIN, 0}};
    const timespec timeout = {wait_ns / kNsPerSecond, wait_ns % kNsPerSecond};
    ppoll(watched.data(), watched.size(), &timeout, nullptr);
    if (watched[0].revents != 0) output_open = Drain(output[0], outcome.output);
  }
  kill(-child, SIGKILL);  // grandchildren, while the zombie keeps the group's number ours
  Drain(output[0], outcome.output);
  CutTail(outcome.output);
  int status = 0;
  waitpid(child, &status, 0);
  close(output[0]);
  if (statm >= 0) close(statm);
  if (ending >= 0) close(ending);
  if (!killed) {
    outcome.end =
        WIFSIGNALED(status) ? ProcessOutcome::End::kSignalled : ProcessOutcome::End::kExited;
    outcome.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  }
  return outcome;
}

Interrupt::Interrupt() {
  interrupt_requested = 0;
  if (pipe2(interrupt_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) interrupt_pipe = {-1, -1};
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &previous_int);
  sigaction(SIGTERM, &action, &previous_term);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &previous_int, nullptr);
  sigaction(SIGTERM, &previous_term, nullptr);
  for (int& fd : interrupt_pipe) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  interrupt_requested = 0;
}

bool Interrupt::Requested() { return interrupt_requested != 0; }

}  // namespace heapwise::runner
