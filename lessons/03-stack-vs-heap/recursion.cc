#include "lessons/03-stack-vs-heap/recursion.h"

#include <array>
#include <stack>

namespace {

// The stack grows downwards, to lower addresses.
int64_t BytesBelow(const char* top) {
  return top - static_cast<const char*>(__builtin_frame_address(0));
}

// A call has 1 KiB of locals and needs them until the calls below it have returned. They are
// volatile, so that the compiler does not find a way to do without.
[[gnu::noinline]] int64_t Recurse(const char* top, DepthReached reached) {
  volatile char locals[kFrameBytes];
  locals[0] = 1;
  const int64_t depth = BytesBelow(top);
  reached(depth);
  if (depth >= kDiveBytes) return locals[0];
  return Recurse(top, reached) + locals[0];
}

}  // namespace

int64_t RecurseOnStack(DepthReached reached) {
  return Recurse(static_cast<const char*>(__builtin_frame_address(0)), reached);
}

// What the calls would keep on the stack is kept in a std::stack, whose memory is on the heap.
int64_t RecurseOnHeap(DepthReached reached) {
  using Locals = std::array<char, kFrameBytes>;
  std::stack<Locals> calls;
  while (static_cast<int64_t>(calls.size()) * kFrameBytes < kDiveBytes) {
    calls.push(Locals{1});
    reached(static_cast<int64_t>(calls.size()) * kFrameBytes);
  }
  int64_t count = 0;
  for (; !calls.empty(); calls.pop()) count += calls.top()[0];
  return count;
}
