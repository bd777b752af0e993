// A container as far as memory goes: a child process that may hold so many bytes and not one more.
//
// It is a cgroup of its own where this machine permits one, and RLIMIT_DATA where not. A cgroup is what Docker and
// Kubernetes use: its kernel kills the process that touches a page too many. RLIMIT_DATA refuses the memory instead, and
// the process ends itself, since neither the collector nor operator new can go on without.
//
// Nothing is left behind: not after success or failure, nor when this process is killed. The child dies with its
// parent; the cgroup is removed by a guardian, a small process that waits for its parent's end. Should all of them be
// killed at once, the next program that makes a container removes what is left.
#ifndef HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_CONTAINER_H_
#define HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_CONTAINER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

enum class ContainerKind { kCgroup2, kCgroup1, kDataLimit };

// The best kind that this machine permits this user; tried out once.
ContainerKind PermittedKind();

// Such as "cgroup v2" or "RLIMIT_DATA"; says so where a process could flee into swap.
std::string DescribeKind(ContainerKind kind);

// How a process in a container ended.
struct Ended {
  int status = 0;               // as the shell and Kubernetes give it: 137 for SIGKILL (128 + 9)
  bool out_of_memory = false;   // killed for memory by the kernel, or refused it and gave up
  std::optional<int64_t> peak;  // the most that it held, in bytes, where the kernel tells

  bool survived() const { return status == 0; }
};

// Runs `program` in a child of this process that may hold `bytes` of memory beyond what it shares with its parent,
// and waits for its end; what the child writes to its output is lost. The program is over when it returns (status
// 0). One thread at a time; the calling process should have but one. A kind that is not permitted, or a child that
// hangs for 30 seconds, ends this process with a line that says so.
Ended RunInContainer(ContainerKind kind, int64_t bytes, const std::function<void()>& program);

// What a program in a container does where it is refused memory: it ends, with the status that the collector's own
// "out of memory" has.
[[noreturn]] void DieOfMemory();

#endif  // HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_CONTAINER_H_
