#ifndef HEAPWISE_FIBER_H_
#define HEAPWISE_FIBER_H_

#include <cstddef>
#include <cstdint>
#include <utility>

// Stacks that are not a thread's own: of fibers (ucontext, Boost.Context, libco) and of stackful coroutines. The collector
// scans such a stack from the moment it is named here:
//
//   heapwise::runtime::FiberStack stack(memory, bytes);        // before anything runs on it
//   heapwise::runtime::SwitchStack([&] { swapcontext(&here, &there); });  // each switch, from whichever stack to which
//
// A thread that is on a stack which the collector does not know ends the program when it allocates, or when somebody
// collects, with a message that says so and exit status 2. Alternate signal stacks (sigaltstack) the collector finds by
// itself. Frames of C++20's coroutines are no stacks: scanned.h.
namespace heapwise::runtime {

// What a stack must have at least: bdwgc clears 16 KiB below its own frames now and then.
inline constexpr size_t kLeastFiberStack = size_t{64} << 10;

// While it lives, the collector scans these `bytes` from `memory` on, which the stack grows through from the end down, and
// any registered thread may run on them. Less than kLeastFiberStack, or memory of another FiberStack: fatal, a message and
// exit status 2. When it is destroyed no thread is on the stack, nor will be; only then may the memory be freed. Takes
// bdwgc's lock.
class FiberStack {
 public:
  FiberStack(void* memory, size_t bytes);
  ~FiberStack();
  FiberStack(const FiberStack&) = delete;
  FiberStack& operator=(const FiberStack&) = delete;

 private:
  char* end_;
};

namespace internal {

// The stack that the calling thread is on, as one that it is about to leave: what is in use of it is known from here on.
class LeftStack {
 public:
  LeftStack();
  ~LeftStack();
  LeftStack(const LeftStack&) = delete;
  LeftStack& operator=(const LeftStack&) = delete;

 private:
  char** left_at_;
};

}  // namespace internal

// Calls switch_away(), which leaves this stack for another one and returns when this one is gone on with, in the same
// thread or another. Of the stack that is left only what is in use is scanned, and the registers of this function's
// caller are on it, wherever the switch puts them. switch_away does no more than switch: of its own frames the first KiB
// is scanned. A switch without this function has its whole stack scanned, and pointers lost that it keeps in memory
// of malloc, as swapcontext does with registers.
//
// About 50 ns: it takes bdwgc's lock, unless the calling thread leaves its own stack.
template <class F>
[[gnu::noinline]] void SwitchStack(F&& switch_away) {
  __builtin_unwind_init();  // puts all registers that a caller may rely on into this frame
  const internal::LeftStack left;
  std::forward<F>(switch_away)();
}

namespace internal {

// Has the collector know the calling thread's own stack, when it is registered, and forget it, before it leaves the
// collector. Each may be called again. Allocates with malloc.
void KnowThreadStack();
void ForgetThreadStack();

// Bytes in use of the stack that the calling thread is on, as seen from a frame. Exits with status 2 and a message where
// the collector does not know that stack.
uint64_t StackInUse(const void* frame);

}  // namespace internal
}  // namespace heapwise::runtime

#endif  // HEAPWISE_FIBER_H_
