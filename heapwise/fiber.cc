#include "heapwise/fiber.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/fatal.h"
#include "heapwise/gc/collector.h"
#include "heapwise/gc/cycle.h"

// bdwgc scans of a thread what lies between its stack pointer and the end of its own stack. Where the stack pointer is
// on another stack, that is everything between the two. So at each stop every thread says where it is: a handler notes it
// before bdwgc's own runs. While roots are pushed, a thread that is elsewhere has the end of the stack that it is on for
// bdwgc, and its own stack is pushed here, and so are all FiberStacks that nobody is on.
namespace heapwise::runtime {
namespace internal {
namespace {

// A main thread's stack grows; of more than this much it is looked up how far it has.
constexpr size_t kMainStack = size_t{8} << 20;

// What lies below the last frame that LeftStack can see: the frames of the switch itself, and what it pushes.
constexpr size_t kSwitchFrames = 1024;

// [low, end)
struct Range {
  char* low = nullptr;
  char* end = nullptr;

  bool Holds(char* address) const { return low <= address && address < end; }
};

// A thread that is registered; in its own thread-local memory. The list is guarded by bdwgc's lock.
struct ThreadStack {
  Range own;
  size_t guard = 0;      // bytes at the low end that cannot be read
  bool is_main = false;  // whose stack may have grown below `own`
  void* bdwgc_thread = nullptr;
  char* left_at =
      nullptr;  // from where its own stack is in use while it runs on another; null: not known
  // Written by the thread when it is stopped.
  char* stopped_at = nullptr;
  Range signal_stack;  // that it was on then, if any
  bool known = false;
  ThreadStack* next = nullptr;
  ThreadStack** link = nullptr;  // to this one
};

struct Fiber {
  char* low;
  char* left_at = nullptr;  // from where it is in use while nobody runs on it; null: not known
  bool running = false;     // at this stop
};
using Fibers = std::map<char*, Fiber>;  // by their ends

struct Stacks {
  ThreadStack* threads = nullptr;
  Fibers fibers;
  GC_push_other_roots_proc push_before = nullptr;
  struct sigaction bdwgcs_handler;
};
Stacks* stacks = nullptr;  // never destroyed; guarded by bdwgc's lock

constinit thread_local ThreadStack mine;

char* AddressOf(const void* p) { return static_cast<char*>(const_cast<void*>(p)); }

// The FiberStack that holds the address; bdwgc's lock is held.
Fibers::iterator FiberAt(char* address) {
  const auto fiber = stacks->fibers.upper_bound(address);
  return fiber != stacks->fibers.end() && fiber->second.low <= address ? fiber
                                                                       : stacks->fibers.end();
}

// The lowest address down to which everything below `end` is mapped. A few system calls.
char* LowestMapped(char* end) {
  constexpr size_t kStep = 64;
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  unsigned char present[kStep];
  char* low = end - reinterpret_cast<uintptr_t>(end) % page;
  for (size_t step = kStep; step > 0;) {
    char* const next = low - step * page;
    if (mincore(next, step * page, present) == 0) {
      low = next;
    } else {
      step /= 2;
    }
  }
  return low;
}

// The thread is the calling one, or bdwgc's lock is held and the world stopped.
bool OwnStackHolds(ThreadStack& thread, char* address) {
  if (thread.is_main && address < thread.own.low) {
    thread.own.low = std::min(thread.own.low, LowestMapped(thread.own.end));
  }
  return thread.own.Holds(address);
}

// Of the calling thread; empty where it is on none, or `address` is not.
Range SignalStackAt(char* address) {
  stack_t signal_stack;
  if (sigaltstack(nullptr, &signal_stack) != 0 || (signal_stack.ss_flags & SS_ONSTACK) == 0) {
    return {};
  }
  char* const low = AddressOf(signal_stack.ss_sp);
  const Range range{low, low + signal_stack.ss_size};
  return range.Holds(address) ? range : Range{};
}

[[gnu::noinline]] char* StackPointer() { return AddressOf(__builtin_frame_address(0)); }

// Where the calling thread is. In a signal handler too: it looks at its own variables only.
void NoteWhereIAm(char* stack_pointer) {
  mine.stopped_at = stack_pointer;
  mine.signal_stack = mine.own.Holds(stack_pointer) ? Range{} : SignalStackAt(stack_pointer);
}

void OnSuspend(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  NoteWhereIAm(StackPointer());
  errno = saved_errno;
  const struct sigaction& bdwgcs = stacks->bdwgcs_handler;
  if ((bdwgcs.sa_flags & SA_SIGINFO) != 0) {
    bdwgcs.sa_sigaction(signal, info, context);
  } else {
    bdwgcs.sa_handler(signal);
  }
}

[[noreturn]] void UnknownStack(const char* does) {
  Fatal(
      "fatal error: a thread %s on another stack than its own, which the collector does not know.\n"
      "Before anything runs there, make a `heapwise::runtime::FiberStack` of it "
      "(heapwise/fiber.h).\n",
      does);
}

// The stack that a stopped thread is on, when it is not its own.
Range OtherStackOf(const ThreadStack& thread) {
  if (const auto fiber = FiberAt(thread.stopped_at); fiber != stacks->fibers.end()) {
    fiber->second.running = true;
    return {fiber->second.low, fiber->first};
  }
  if (thread.signal_stack.end != nullptr) return thread.signal_stack;
  UnknownStack("is stopped");
}

void SetEndForBdwgc(const ThreadStack& thread, char* end) {
  GC_stack_base base{};
  base.mem_base = end;
  GC_set_stackbottom(thread.bdwgc_thread, &base);
}

void Push(char* low, char* end) { GC_push_all_eager(low, end); }

void PushOwnStack(const ThreadStack& thread) {
  if (thread.left_at != nullptr) {
    Push(thread.left_at, thread.own.end);
  } else {
    Push(thread.is_main ? LowestMapped(thread.own.end) : thread.own.low + thread.guard,
         thread.own.end);
  }
}

// Pushes the roots. bdwgc's lock is held; with the world stopped or, in the incremental mode, also while it runs.
void PushStacks() {
  if (mine.known) NoteWhereIAm(StackPointer());
  bool elsewhere = false;
  for (ThreadStack* thread = stacks->threads; thread != nullptr; thread = thread->next) {
    if (thread->stopped_at == nullptr || thread->own.Holds(thread->stopped_at)) continue;
    if (WorldIsStopped() && OwnStackHolds(*thread, thread->stopped_at)) continue;
    elsewhere = true;
    if (!WorldIsStopped()) break;
    SetEndForBdwgc(*thread, OtherStackOf(*thread).end);
    PushOwnStack(*thread);
  }
  // Where a thread was at the last stop need not be a stack any more. All roots are pushed again with the world stopped.
  if (elsewhere && !WorldIsStopped()) return;
  stacks->push_before();
  for (auto& [end, fiber] : stacks->fibers) {
    if (WorldIsStopped() && !std::exchange(fiber.running, false)) {
      Push(fiber.left_at != nullptr ? fiber.left_at : fiber.low, end);
    }
  }
  if (!elsewhere) return;
  for (ThreadStack* thread = stacks->threads; thread != nullptr; thread = thread->next) {
    SetEndForBdwgc(*thread, thread->own.end);
  }
}

void InitStacks() {
  static const bool done = [] {
    InitCollector();
    auto* const fresh = new Stacks;
    const int signal = GC_get_suspend_signal();
    sigaction(signal, nullptr, &fresh->bdwgcs_handler);
    struct sigaction ours = fresh->bdwgcs_handler;
    ours.sa_flags |= SA_SIGINFO;
    ours.sa_sigaction = OnSuspend;
    const AllocLock lock;
    stacks = fresh;
    stacks->push_before = GC_get_push_other_roots();
    GC_set_push_other_roots(PushStacks);
    sigaction(signal, &ours, nullptr);
    return true;
  }();
  (void)done;
}

// In the child of a fork.
void ForgetOtherThreads() {
  const AllocLock lock;
  stacks->threads = nullptr;
  if (!mine.known) return;
  mine.next = nullptr;
  mine.link = &stacks->threads;
  stacks->threads = &mine;
}

const bool initialised_before_main = [] {
  InitStacks();
  AtForkChild(ForgetOtherThreads);
  return true;
}();

}  // namespace

void KnowThreadStack() {
  if (mine.known) return;
  InitStacks();
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* low;
  size_t bytes;
  pthread_attr_getstack(&attributes, &low, &bytes);
  pthread_attr_getguardsize(&attributes, &mine.guard);
  pthread_attr_destroy(&attributes);
  GC_stack_base base;
  mine.bdwgc_thread = GC_get_my_stackbottom(&base);
  mine.is_main = getpid() == gettid();
  mine.own = {AddressOf(low), AddressOf(base.mem_base)};
  if (mine.is_main) mine.own.low = std::max(mine.own.low, mine.own.end - kMainStack);
  mine.known = true;
  const AllocLock lock;
  mine.next = stacks->threads;
  mine.link = &stacks->threads;
  if (mine.next != nullptr) mine.next->link = &mine.next;
  stacks->threads = &mine;
}

void ForgetThreadStack() {
  if (!mine.known) return;
  const AllocLock lock;
  *mine.link = mine.next;
  if (mine.next != nullptr) mine.next->link = mine.link;
  mine = {};
}

uint64_t StackInUse(const void* frame) {
  char* const address = AddressOf(frame);
  if (!mine.known) return 0;
  if (OwnStackHolds(mine, address)) return static_cast<uint64_t>(mine.own.end - address);
  const Range signal_stack = SignalStackAt(address);
  if (signal_stack.end != nullptr) return static_cast<uint64_t>(signal_stack.end - address);
  const AllocLock lock;
  const auto fiber = FiberAt(address);
  if (fiber == stacks->fibers.end()) UnknownStack("allocates");
  return static_cast<uint64_t>(fiber->first - address);
}

LeftStack::LeftStack() : left_at_(nullptr) {
  if (!mine.known) return;
  char* const address = StackPointer();
  if (OwnStackHolds(mine, address)) {
    left_at_ = &mine.left_at;
    *left_at_ = std::max(mine.own.low + mine.guard, address - kSwitchFrames);
    return;
  }
  const AllocLock lock;
  const auto fiber = FiberAt(address);
  if (fiber == stacks->fibers.end()) UnknownStack("switches");
  left_at_ = &fiber->second.left_at;
  *left_at_ = std::max(fiber->second.low, address - kSwitchFrames);
}

LeftStack::~LeftStack() {
  if (left_at_ != nullptr) *left_at_ = nullptr;
}

}  // namespace internal

FiberStack::FiberStack(void* memory, size_t bytes) : end_(nullptr) {
  internal::InitStacks();
  char* const low = internal::AddressOf(memory);
  if (bytes < kLeastFiberStack) {
    internal::Fatal("heapwise: a FiberStack of %zu bytes is too small: bdwgc needs %zu at least.\n",
                    bytes, kLeastFiberStack);
  }
  // The map's node is made before the lock is taken, under which nothing may be allocated.
  internal::Fibers made;
  made.emplace(low + bytes, internal::Fiber{.low = low});
  const internal::AllocLock lock;
  internal::Fibers& fibers = internal::stacks->fibers;
  const auto next = fibers.upper_bound(low);
  if (next != fibers.end() && next->second.low < low + bytes) {
    internal::Fatal("heapwise: a FiberStack of memory that is one already.\n");
  }
  end_ = low + bytes;
  fibers.insert(made.extract(made.begin()));
}

FiberStack::~FiberStack() {
  internal::Fibers::node_type node;
  const internal::AllocLock lock;
  node = internal::stacks->fibers.extract(end_);
}

}  // namespace heapwise::runtime
