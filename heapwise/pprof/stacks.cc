#include "heapwise/pprof/stacks.h"

#include <unwind.h>

#include <algorithm>
#include <iterator>

namespace heapwise::pprof::internal {
namespace {

// A frame on the stack, as the unwinder comes to it: an address to return to, and the stack pointer
// after that return.
struct UnwoundFrame {
  uintptr_t pc;
  uintptr_t sp;

  bool operator==(const UnwoundFrame&) const = default;
};

// The first one is that of CurrentStack itself, the second its caller's.
constexpr size_t kLeftOut = 2;

struct UnwoundStack {
  size_t depth = 0;
  UnwoundFrame frames[kMaxDepth + kLeftOut];
};

constinit thread_local UnwoundStack last_stack = {};

#ifdef __x86_64__
// Reads words of the stack that the compiler knows nothing of.
__attribute__((no_sanitize("address"))) bool StillThere(const UnwoundFrame* first,
                                                        const UnwoundFrame* end) {
  for (; first != end; ++first) {
    if (*reinterpret_cast<const uintptr_t*>(first->sp - sizeof first->pc) != first->pc)
      return false;
  }
  return true;
}
#else
bool StillThere(const UnwoundFrame*, const UnwoundFrame*) { return false; }
#endif

_Unwind_Reason_Code OnFrame(_Unwind_Context* context, void* result) {
  auto& stack = *static_cast<UnwoundStack*>(result);
  const UnwoundFrame frame{_Unwind_GetIP(context), _Unwind_GetCFA(context)};
  if (frame.pc == 0 || stack.depth == std::size(stack.frames)) return _URC_END_OF_STACK;
  stack.frames[stack.depth++] = frame;
  // The stack grows downwards: outer frames have greater addresses.
  const UnwoundFrame* const begin = last_stack.frames;
  const UnwoundFrame* const end = begin + last_stack.depth;
  const UnwoundFrame* const same = std::find_if(
      begin, end, [&frame](const UnwoundFrame& other) { return other.sp >= frame.sp; });
  if (same == end || *same != frame || !StillThere(same + 1, end)) return _URC_NO_REASON;
  const size_t room = std::size(stack.frames) - stack.depth;
  const size_t outer = std::min(static_cast<size_t>(end - same) - 1, room);
  // Of a stack that was too deep, the outermost frames are not known.
  if (outer < room && last_stack.depth == std::size(last_stack.frames)) return _URC_NO_REASON;
  std::copy_n(same + 1, outer, stack.frames + stack.depth);
  stack.depth += outer;
  return _URC_END_OF_STACK;
}

}  // namespace

[[gnu::noinline]] size_t CurrentStack(uintptr_t (&stack)[kMaxDepth]) {
  UnwoundStack unwound;
  _Unwind_Backtrace(OnFrame, &unwound);
  size_t depth = 0;
  for (size_t i = kLeftOut; i < unwound.depth; ++i) stack[depth++] = unwound.frames[i].pc;
  last_stack.depth = unwound.depth;
  std::copy_n(unwound.frames, unwound.depth, last_stack.frames);
  return depth;
}

}  // namespace heapwise::pprof::internal
