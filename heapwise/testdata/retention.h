// What tests share that ask what retains an object.
#ifndef HEAPWISE_TESTDATA_RETENTION_H_
#define HEAPWISE_TESTDATA_RETENTION_H_

#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "heapwise/weak.h"

namespace heapwise::runtime {

struct Node {
  Node* next;
  int64_t value;
};

[[gnu::noinline]] inline Node* MakeNode(int64_t value) { return New<Node>(nullptr, value); }

// Garbage, which takes the place of what was freed.
[[gnu::noinline]] inline void Churn() {
  for (int i = 0; i < 20000; ++i) MakeNode(-1);
}

// What calls that have returned left below the stack pointer is no longer there.
[[gnu::noinline]] inline void ClearDeadStack() {
  volatile char dead[size_t{64} << 10];
  for (volatile char& byte : dead) byte = 0;
}

// Of `n` objects, how many a collection frees when each is held by what `make` returns for it alone. A few may stay because
// of a word that looks like their address.
template <class Make>
size_t FreedOf(size_t n, Make make) {
  std::vector<Weak<Node>> weak;
  auto kept = std::make_unique<std::vector<decltype(make(nullptr))>>();
  for (size_t i = 0; i < n; ++i) {
    [&]() __attribute__((noinline)) {
      Node* const node = MakeNode(1);
      weak.emplace_back(node);
      kept->push_back(make(node));
    }
    ();
  }
  ClearDeadStack();
  GC();
  Churn();
  size_t freed = 0;
  for (const Weak<Node>& node : weak) freed += node.Get() == nullptr ? 1 : 0;
  return freed;
}

// Runs it in a child of its own, and says how that ended: its exit status, or 128 and more for a signal.
inline int StatusInAChild(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    body();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace heapwise::runtime

#endif  // HEAPWISE_TESTDATA_RETENTION_H_
