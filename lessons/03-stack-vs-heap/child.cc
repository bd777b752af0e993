#include "lessons/03-stack-vs-heap/child.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

#include "lessons/03-stack-vs-heap/recursion.h"

namespace {

constexpr char kVariable[] = "HEAPWISE_DIVE";
constexpr size_t kOwnStackBytes = 16 << 20;

[[noreturn]] void Refuse(const char* what, int error) {
  std::fprintf(stderr, "03-stack-vs-heap: %s: %s\n", what, std::strerror(error));
  std::exit(1);
}

// The child's side.

// Over the last report, so that by hand one line stays to be read; from another process all of them can be.
void Report(int64_t bytes) {
  constexpr int64_t kStep = 16384;
  static int64_t reported = 0;
  if (bytes < reported + kStep) return;
  reported = bytes / kStep * kStep;
  char line[40];
  const int length =
      std::snprintf(line, sizeof(line), "\r%10lld bytes deep", static_cast<long long>(reported));
  [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, line, length);
}

void* RecurseOnThread(void*) {
  RecurseOnStack(Report);
  return nullptr;
}

void RecurseWithOwnStack() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kOwnStackBytes);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, RecurseOnThread, nullptr);
  if (error != 0) Refuse("a thread with a stack of 16 MiB", error);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

// Runs before anything else of the program does, the collector's start included, and ends it.
[[gnu::constructor(101)]] void DiveWhereAsked() {
  const char* const asked = std::getenv(kVariable);
  if (asked == nullptr) return;
  // By hand too: a crash that was meant to be leaves no core file.
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const std::string_view place = asked;
  if (place == "main") {
    RecurseOnStack(Report);
  } else if (place == "thread") {
    std::thread(RecurseOnStack, Report).join();
  } else if (place == "own_stack") {
    RecurseWithOwnStack();
  } else if (place == "heap") {
    RecurseOnHeap(Report);
  } else {
    std::fprintf(stderr, "%s=%s: must be main, thread, own_stack or heap\n", kVariable, asked);
    _exit(2);
  }
  constexpr char kBack[] = ", and back\n";
  [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, kBack, sizeof(kBack) - 1);
  _exit(0);
}

// The parent's side.

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void BecomeChild(pid_t parent, int output, const rlimit& stack) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  if (setrlimit(RLIMIT_STACK, &stack) != 0 || dup2(output, STDOUT_FILENO) < 0) _exit(1);
  execl("/proc/self/exe", "03-stack-vs-heap", nullptr);
  _exit(1);
}

// The number of the last report.
int64_t LastReport(int output) {
  constexpr off_t kTail = 80;
  const off_t end = lseek(output, 0, SEEK_END);
  char tail[kTail + 1] = {};
  [[maybe_unused]] const ssize_t got = pread(output, tail, kTail, end < kTail ? 0 : end - kTail);
  const char* const last = std::strrchr(tail, '\r');
  return last == nullptr ? 0 : std::strtoll(last, nullptr, 10);
}

}  // namespace

DiveEnd Dive(const std::string& place, int64_t stack_limit_bytes) {
  rlimit stack;
  getrlimit(RLIMIT_STACK, &stack);
  stack.rlim_cur = static_cast<rlim_t>(stack_limit_bytes);
  if (stack.rlim_cur > stack.rlim_max) {
    Refuse("the hard limit of the stack (ulimit -Hs) is too low for this lesson", EPERM);
  }
  const int output = memfd_create("depth", MFD_CLOEXEC);
  if (output < 0) Refuse("memfd_create", errno);

  setenv(kVariable, place.c_str(), 1);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) BecomeChild(parent, output, stack);
  const int error = errno;
  unsetenv(kVariable);
  if (child < 0) Refuse("fork", error);

  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const DiveEnd end = {LastReport(output),
                       WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)};
  close(output);
  return end;
}
