#include "lessons/14-leaks-and-oom/mortal.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>

#include "heapwise/debug.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

namespace runtime = heapwise::runtime;

namespace {

// Written by the child, read by the parent: what it did has to outlive it.
struct Diary {
  int64_t requests = 0;
  int64_t collections = 0;
};

[[noreturn]] void Fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// A memory limit holds back 1 MiB of what it is set to. Half of it is given back to it here: each collection in which
// the process finds nothing to free, just before its end, costs the benchmark time.
constexpr int64_t kOfTheReserve = 512 << 10;

// Private memory that this process can write to, as RLIMIT_DATA counts it.
int64_t DataBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmData:") continue;
    int64_t kib = 0;
    status >> kib;
    return kib << 10;
  }
  return 0;
}

int64_t NumGc() { return static_cast<int64_t>(runtime::ReadHeapCounters().num_gc); }

[[noreturn]] void LiveAndDie(int64_t more_bytes, bool memory_limit, int64_t most, FindPage find,
                             Diary& diary) {
  runtime::GC();  // starts the collector's threads, whose stacks count too
  rlimit limit;
  heapwise::debug::DisableHugePages();  // what is left is counted in KiB
  if (getrlimit(RLIMIT_DATA, &limit) != 0) Fail("getrlimit");
  limit.rlim_cur = std::min(limit.rlim_max, static_cast<rlim_t>(DataBytes() + more_bytes));
  if (setrlimit(RLIMIT_DATA, &limit) != 0) Fail("setrlimit");
  if (memory_limit) {
    const auto now = static_cast<int64_t>(runtime::ReadHeapCounters().sys_minus_released);
    heapwise::debug::SetMemoryLimit(now + more_bytes + kOfTheReserve);
  }
  Requests requests;
  const int64_t before = NumGc();
  while (diary.requests < most) {
    Answer(find, requests.NextKey());
    ++diary.requests;
    diary.collections = NumGc() - before;
  }
  _exit(0);
}

std::string ReadToEnd(int file) {
  std::string text;
  std::array<char, 256> part;
  while (true) {
    const ssize_t n = read(file, part.data(), part.size());
    if (n > 0) text.append(part.data(), n);
    if (n == 0 || (n < 0 && errno != EINTR)) return text;
  }
}

}  // namespace

Life ServeWithin(int64_t more_bytes, bool memory_limit, int64_t most, FindPage find) {
  void* const shared =
      mmap(nullptr, sizeof(Diary), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) Fail("mmap");
  Diary& diary = *new (shared) Diary;
  int to_parent[2];
  if (pipe(to_parent) != 0) Fail("pipe");
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) Fail("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);  // it ended before the line above
    dup2(to_parent[1], STDERR_FILENO);
    LiveAndDie(more_bytes, memory_limit, most, find, diary);
  }
  close(to_parent[1]);
  Life life;
  life.last_words = ReadToEnd(to_parent[0]);
  close(to_parent[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) Fail("waitpid");
  }
  life.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  life.requests = diary.requests;
  life.collections = diary.collections;
  munmap(shared, sizeof(Diary));
  return life;
}
