#include "lessons/12-container-headroom/container.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "heapwise/debug.h"
#include "lessons/12-container-headroom/cgroup.h"

namespace {

// That of the collector's "fatal error: out of memory", and Go's
constexpr int kOutOfMemoryStatus = 2;
constexpr int kCannotEnterStatus = 99;  // the child got no further than the door
constexpr unsigned kLongestSeconds = 30;
constexpr int64_t kProbeBytes = 16 << 20;

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "container: %s\n", why.c_str());
  std::exit(1);
}

std::string ReadAll(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void SilenceOutput() {
  const int null = open("/dev/null", O_RDWR);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) dup2(null, fd);
}

// Somebody may wait for the end of a pipe that was inherited, so a process that stays closes all others' files.
void CloseAllBut(int keep) {
  const int most = static_cast<int>(std::min<long>(sysconf(_SC_OPEN_MAX), 4096));
  for (int fd = STDERR_FILENO + 1; fd < most; ++fd) {
    if (fd != keep) close(fd);
  }
}

// Removes the cgroups of the process that made it when that is gone, however it went.
class Guardian {
 public:
  explicit Guardian(const std::vector<cgroup::Place>& places) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) Fail(std::string("no pipe: ") + std::strerror(errno));
    const std::string prefix = cgroup::NamePrefix();
    pid_ = fork();
    if (pid_ < 0) Fail(std::string("cannot fork: ") + std::strerror(errno));
    if (pid_ == 0) {
      setsid();  // out of reach of a Ctrl-C, and of a kill of the whole process group
      sigset_t all;
      sigfillset(&all);
      sigprocmask(SIG_SETMASK, &all, nullptr);
      prctl(PR_SET_NAME, "heapwise-guard");
      SilenceOutput();
      CloseAllBut(ends[0]);
      char byte;
      while (read(ends[0], &byte, 1) < 0 && errno == EINTR) {
      }
      // The pipe has ended: nobody holds its other end any more.
      for (const cgroup::Place& place : places) cgroup::RemoveAll(place, prefix);
      _exit(0);
    }
    close(ends[0]);
    alive_ = ends[1];
  }

  // In a child of fork(2), which has the object too, only lets go of the pipe.
  ~Guardian() {
    close(alive_);
    if (of_ == getpid()) waitpid(pid_, nullptr, 0);
  }
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;

  int alive() const { return alive_; }
  pid_t of() const { return of_; }

 private:
  const pid_t of_ = getpid();
  pid_t pid_ = -1;
  int alive_ = -1;  // closed by this process's end: that is what the guardian waits for
};

// The guardian of this process, which is there before the first cgroup is.
const Guardian& GuardianOf(const std::vector<cgroup::Place>& places) {
  static std::unique_ptr<const Guardian> guardian;
  if (guardian == nullptr || guardian->of() != getpid()) {
    guardian.reset();
    guardian = std::make_unique<const Guardian>(places);
  }
  return *guardian;
}

// Where this process makes its cgroups, found out by making one.
struct Home {
  std::optional<cgroup::Place> place;
  bool swap_closed = false;
};

// Whether a process can really enter; the right to make a directory is not the right to move into it.
bool CanEnter(const cgroup::Group& group) {
  const pid_t child = fork();
  if (child == 0) _exit(group.Enter() ? 0 : kCannotEnterStatus);
  int status = -1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

Home FindHome() {
  const std::vector<cgroup::Place> places =
      cgroup::FindPlaces(ReadAll("/proc/self/mountinfo"), ReadAll("/proc/self/cgroup"));
  if (!places.empty()) GuardianOf(places);
  for (const cgroup::Place& place : places) {
    cgroup::RemoveLeftovers(place);
    const std::optional<cgroup::Group> probe =
        cgroup::Group::Make(place, cgroup::Name(0), kProbeBytes);
    if (!probe) continue;
    const bool usable = CanEnter(*probe);
    if (probe->Remove() && usable) return {place, probe->SwapClosed()};
  }
  return {};
}

const Home& TheHome() {
  static const Home home = FindHome();
  return home;
}

// How much memory of its own the calling process has, as RLIMIT_DATA counts it.
int64_t DataBytes() {
  const std::string status = ReadAll("/proc/self/status");
  const size_t field = status.find("VmData:");
  if (field == std::string::npos) return 0;
  return std::strtoll(status.c_str() + field + std::strlen("VmData:"), nullptr, 10) << 10;
}

bool LimitData(int64_t bytes) {
  const rlim_t most = static_cast<rlim_t>(DataBytes() + bytes);
  const rlimit limit = {most, most};
  return setrlimit(RLIMIT_DATA, &limit) == 0;
}

}  // namespace

void DieOfMemory() { _exit(kOutOfMemoryStatus); }

ContainerKind PermittedKind() {
  const std::optional<cgroup::Place>& place = TheHome().place;
  if (!place) return ContainerKind::kDataLimit;
  return place->version == cgroup::Version::k2 ? ContainerKind::kCgroup2 : ContainerKind::kCgroup1;
}

std::string DescribeKind(ContainerKind kind) {
  if (kind == ContainerKind::kDataLimit) return "RLIMIT_DATA";
  return std::string(kind == ContainerKind::kCgroup2 ? "cgroup v2" : "cgroup v1") +
         (TheHome().swap_closed ? "" : ", swap open");
}

Ended RunInContainer(ContainerKind kind, int64_t bytes, const std::function<void()>& program) {
  std::optional<cgroup::Group> group;
  int alive = -1;
  if (kind != ContainerKind::kDataLimit) {
    if (kind != PermittedKind()) Fail(DescribeKind(kind) + " is not permitted here");
    static int number = 0;
    alive = GuardianOf({*TheHome().place}).alive();
    group = cgroup::Group::Make(*TheHome().place, cgroup::Name(++number), bytes);
    if (!group)
      Fail("a cgroup could be made before, and now not: " + std::string(std::strerror(errno)));
  }
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) {
    const std::string why = std::strerror(errno);
    if (group) group->Remove();
    Fail("cannot fork: " + why);
  }
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(kCannotEnterStatus);  // it died before the line above
    if (alive >= 0) close(alive);
    SilenceOutput();
    alarm(kLongestSeconds);
    std::set_new_handler(DieOfMemory);
    // In a container this small one more would be a twelfth of it
    heapwise::debug::DisableHugePages();
    if (!(group ? group->Enter() : LimitData(bytes))) _exit(kCannotEnterStatus);
    program();
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Ended ended;
  ended.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (group) {
    ended.peak = group->PeakBytes();
    ended.out_of_memory = ended.status == 128 + SIGKILL && group->OomKills() > 0;
    if (!group->Remove()) Fail(group->directory().string() + " cannot be removed");
  } else {
    ended.out_of_memory = ended.status == kOutOfMemoryStatus;
  }
  if (ended.status == 128 + SIGALRM) Fail("the child hung, and was killed after 30 seconds");
  if (ended.status == kCannotEnterStatus) Fail("the child could not enter " + DescribeKind(kind));
  return ended;
}
