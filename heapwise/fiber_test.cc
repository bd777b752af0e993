#include "heapwise/fiber.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/modes.h"
#include "heapwise/testdata/retention.h"
#include "heapwise/weak.h"

namespace heapwise::runtime {
namespace {

constexpr size_t kStackBytes = size_t{128} << 10;

void* Map(size_t bytes) {
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

// A fiber of ucontext. What swapcontext keeps, registers included, is in memory of malloc, where the collector does not
// look.
class Fiber {
 public:
  // `body` is called on the stack with the first Resume. In memory of the caller's, of kStackBytes, the collector is not
  // told of it here.
  explicit Fiber(std::function<void(Fiber&)> body, void* memory = nullptr)
      : body_(std::move(body)),
        own_memory_(memory == nullptr ? Map(kStackBytes) : nullptr),
        contexts_(new ucontext_t[2]) {
    if (memory == nullptr) {
      memory = own_memory_;
      stack_ = std::make_unique<FiberStack>(memory, kStackBytes);
    }
    getcontext(&contexts_[1]);
    contexts_[1].uc_stack.ss_sp = memory;
    contexts_[1].uc_stack.ss_size = kStackBytes;
    contexts_[1].uc_link = &contexts_[0];
    const auto address = reinterpret_cast<uintptr_t>(this);
    makecontext(&contexts_[1], reinterpret_cast<void (*)()>(&Fiber::Run), 2,
                static_cast<unsigned>(address), static_cast<unsigned>(address >> 32));
  }
  ~Fiber() {
    stack_.reset();
    if (own_memory_ != nullptr) munmap(own_memory_, kStackBytes);
  }

  void Resume() {
    SwitchStack([this] {
      ClearDeadStack();
      swapcontext(&contexts_[0], &contexts_[1]);
    });
  }
  void Suspend() {
    SwitchStack([this] {
      ClearDeadStack();
      swapcontext(&contexts_[1], &contexts_[0]);
    });
  }
  // The same without telling the collector.
  void ResumeInSecret() { swapcontext(&contexts_[0], &contexts_[1]); }
  void SuspendInSecret() { swapcontext(&contexts_[1], &contexts_[0]); }

  bool done() const { return done_; }

 private:
  static void Run(unsigned low, unsigned high) {
    auto* const self = reinterpret_cast<Fiber*>(uintptr_t{high} << 32 | low);
    self->body_(*self);
    self->done_ = true;
  }

  std::function<void(Fiber&)> body_;
  void* own_memory_;
  std::unique_ptr<ucontext_t[]> contexts_;
  std::unique_ptr<FiberStack> stack_;
  bool done_ = false;
};

// Keeps a node in a local variable while it is suspended `times` times.
void KeepOne(Fiber& fiber, int64_t value, int times) {
  Node* const node = MakeNode(value);
  for (int i = 0; i < times; ++i) {
    fiber.Suspend();
    EXPECT_EQ(node->value, value);
  }
}

TEST(FiberTest, SuspendedFibersRetainWhatTheirLocalsPointTo) {
  std::deque<Fiber> fibers;
  for (int i = 0; i < 100; ++i) {
    fibers.emplace_back([i](Fiber& fiber) { KeepOne(fiber, i, 3); });
  }
  for (int round = 0; round < 4; ++round) {
    for (Fiber& fiber : fibers) fiber.Resume();
    GC();
    Churn();
  }
  for (Fiber& fiber : fibers) EXPECT_TRUE(fiber.done());
}

TEST(FiberTest, AFiberCollectsAndItsThreadsOwnStackRetains) {
  Node* const node = MakeNode(1);
  Fiber fiber([](Fiber& self) {
    Node* const mine = MakeNode(2);
    for (int i = 0; i < 3; ++i) {
      ClearDeadStack();
      GC();
      Churn();
      EXPECT_EQ(mine->value, 2);
      self.Suspend();
    }
  });
  for (int i = 0; i < 3; ++i) {
    fiber.Resume();
    EXPECT_EQ(node->value, 1);
  }
}

Fiber* switched = nullptr;

// All registers that a call leaves as they are hold pointers, and nothing else does, when the stack is left.
template <class Switch>
[[gnu::noinline]] int64_t SwitchWithPointersInRegisters(Switch switch_stacks) {
  Node* a = MakeNode(1);
  Node* b = MakeNode(2);
  Node* c = MakeNode(3);
  Node* d = MakeNode(4);
  Node* e = MakeNode(5);
  Node* f = MakeNode(6);
  asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
  switch_stacks();
  asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
  return a->value +
         10 * (b->value + 10 * (c->value + 10 * (d->value + 10 * (e->value + 10 * f->value))));
}

TEST(FiberTest, RegistersOfAStackThatWasLeftRetain) {
  Fiber fiber([](Fiber& self) {
    switched = &self;
    EXPECT_EQ(SwitchWithPointersInRegisters([] { switched->Suspend(); }), 654321);
    GC();
    Churn();
  });
  fiber.Resume();
  ClearDeadStack();
  GC();
  Churn();
  EXPECT_EQ(SwitchWithPointersInRegisters([] { switched->Resume(); }), 654321);
  EXPECT_TRUE(fiber.done());
}

// A library's own function that switches may have frames between.
TEST(FiberTest, FramesOfTheSwitchItselfRetain) {
  Fiber fiber([](Fiber& self) {
    GC();
    Churn();
    self.SuspendInSecret();
  });
  SwitchStack([&fiber]() __attribute__((noinline)) {
    Node* volatile nodes[32] = {};
    nodes[0] = MakeNode(3);
    ClearDeadStack();
    fiber.ResumeInSecret();
    EXPECT_EQ(nodes[0]->value, 3);
  });
}

// What lies below the stack pointer of a fiber that is suspended is not scanned.
TEST(FiberTest, OfASuspendedFiberOnlyWhatIsInUseRetains) {
  std::vector<Weak<Node>> dropped;
  Fiber fiber([&dropped](Fiber& self) {
    const auto fill = [&dropped](auto) __attribute__((noinline)) {
      Node* volatile nodes[1000];
      for (Node* volatile& node : nodes) node = MakeNode(1);
      for (int i = 0; i < 500; ++i) dropped.emplace_back(nodes[i]);
    };
    fill(0);
    self.Suspend();
  });
  fiber.Resume();
  ClearDeadStack();
  GC();
  size_t alive = 0;
  for (const Weak<Node>& node : dropped) alive += node.Get() != nullptr ? 1 : 0;
  EXPECT_LT(alive, 100u);
  fiber.Resume();
}

TEST(FiberTest, AFiberMayGoOnInAnotherThread) {
  Fiber fiber([](Fiber& self) { KeepOne(self, 7, 10); });
  for (int i = 0; i < 10; ++i) {
    std::thread([&fiber] {
      const ThreadScope scope;
      Node* const own = MakeNode(8);
      fiber.Resume();
      GC();
      Churn();
      EXPECT_EQ(own->value, 8);
    }).join();
    GC();
  }
  fiber.Resume();
  EXPECT_TRUE(fiber.done());
}

TEST(FiberTest, AnotherThreadCollectsWhileFibersRun) {
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&done] {
      const ThreadScope scope;
      Node* const own = MakeNode(1);
      Fiber fiber([&done](Fiber& self) {
        for (int64_t n = 0; !done.load(); ++n) {
          Node* const node = MakeNode(n);
          Churn();
          EXPECT_EQ(node->value, n);
          self.Suspend();
          EXPECT_EQ(node->value, n);
        }
      });
      while (!fiber.done()) {
        fiber.Resume();
        EXPECT_EQ(own->value, 1);
      }
    });
  }
  for (int i = 0; i < 50; ++i) GC();
  done.store(true);
  for (std::thread& thread : threads) thread.join();
}

// Calls `body` with frames between that are far larger than those of a switch.
[[gnu::noinline]] void Deeper(const std::function<void()>& body) {
  volatile char room[8192];
  room[0] = 0;
  body();
  room[1] = room[0];
}

// Without SwitchStack the collector does not know how far a stack is in use, and looks at all of it.
TEST(FiberTest, ASwitchThatItIsNotToldOfLosesNothingOnTheStacks) {
  Fiber fiber([](Fiber& self) {
    const auto collect_and_suspend = [&self] {
      Node* volatile node = MakeNode(2);
      GC();
      Churn();
      self.SuspendInSecret();
      EXPECT_EQ(node->value, 2);
      GC();
    };
    collect_and_suspend();
    self.Suspend();  // the next switches are from a deeper place
    Deeper(collect_and_suspend);
  });
  const auto resume_and_collect = [&fiber] {
    Node* volatile own = MakeNode(1);
    fiber.ResumeInSecret();
    GC();
    Churn();
    EXPECT_EQ(own->value, 1);
  };
  resume_and_collect();
  fiber.Resume();
  Deeper(resume_and_collect);
  resume_and_collect();
  EXPECT_TRUE(fiber.done());
}

TEST(FiberTest, AFiberMayUseAnother) {
  Fiber outer([](Fiber&) {
    Node* const node = MakeNode(1);
    Fiber inner([](Fiber& self) { KeepOne(self, 2, 2); });
    for (int i = 0; i < 3; ++i) {
      inner.Resume();
      GC();
      Churn();
      EXPECT_EQ(node->value, 1);
    }
    EXPECT_TRUE(inner.done());
  });
  outer.Resume();
  EXPECT_TRUE(outer.done());
}

TEST(FiberTest, StackBytesAreThoseOfTheStackInUse) {
  const auto stack_bytes = [] {
    Churn();  // notes how much is in use
    GC();
    return CollectionLog::Since(0).collections.back().stack_bytes;
  };
  uint64_t in_fiber = 0;
  Fiber fiber([&](Fiber&) { in_fiber = stack_bytes(); });
  fiber.Resume();
  EXPECT_GT(in_fiber, 0u);
  EXPECT_LT(in_fiber, uint64_t{1} << 20);
}

// In this mode bdwgc also pushes the roots while the program runs, when a stop's time was up before it came to them: as
// here, where all of a large heap has been written to. It goes by where each thread was at the last stop.
TEST(FiberTest, TheIncrementalModeKnowsFibersToo) {
  EXPECT_EQ(StatusInAChild([] {
              EnableIncremental(std::chrono::milliseconds(1));
              std::vector<Node*, Allocator<Node*>> live;
              for (int i = 0; i < 500'000; ++i) live.push_back(MakeNode(i));
              for (int round = 0; round < 10; ++round) {
                auto fiber = std::make_unique<Fiber>([](Fiber& self) {
                  Node* const node = MakeNode(5);
                  for (int i = 0; i < 20; ++i) Churn();  // stopped here
                  self.Suspend();
                  EXPECT_EQ(node->value, 5);
                });
                fiber->Resume();
                for (Node* node : live) ++node->value;
                for (int i = 0; i < 10; ++i) Churn();
                fiber->Resume();
                fiber.reset();  // no memory is there any more
                for (Node* node : live) --node->value;
                for (int i = 0; i < 10; ++i) Churn();
              }
              EXPECT_EQ(live[499'999]->value, 499'999);
            }),
            0);
}

TEST(FiberTest, TheChildOfAForkHasFibersToo) {
  Fiber fiber([](Fiber& self) {
    Node* const node = MakeNode(5);
    EXPECT_EQ(StatusInAChild([&self, node] {
                GC();
                Churn();
                EXPECT_EQ(node->value, 5);
                self.Suspend();
              }),
              0);
    self.Suspend();
  });
  fiber.Resume();
  GC();
  fiber.Resume();
}

TEST(FiberTest, TheChildOfAForkForgetsWhereOtherThreadsWere) {
  std::atomic<bool> there{false};
  std::atomic<bool> done{false};
  void* const memory = Map(kStackBytes);
  auto stack = std::make_unique<FiberStack>(memory, kStackBytes);
  std::thread waiting([&] {
    const ThreadScope scope;
    Fiber fiber(
        [&](Fiber&) {
          there.store(true);
          while (!done.load()) usleep(100);
        },
        memory);
    fiber.Resume();
  });
  while (!there.load()) usleep(100);
  GC();
  EXPECT_EQ(StatusInAChild([&stack] {
              stack.reset();
              GC();
              Fiber fiber([](Fiber& self) { KeepOne(self, 1, 1); });
              fiber.Resume();
              GC();
              Churn();
              fiber.Resume();
              Fiber collecting([](Fiber&) { GC(); });
              collecting.Resume();
            }),
            0);
  done.store(true);
  waiting.join();
}

using FiberDeathTest = testing::Test;

constexpr char kUnknown[] = "on another stack than its own, which the collector does not know";

TEST(FiberDeathTest, AllocatingOnAStackThatNobodyNamedIsRefused) {
  Fiber fiber([](Fiber&) { Churn(); }, Map(kStackBytes));
  EXPECT_EXIT(fiber.Resume(), testing::ExitedWithCode(2), kUnknown);
}

TEST(FiberDeathTest, CollectingOnAStackThatNobodyNamedIsRefused) {
  Fiber fiber([](Fiber&) { GC(); }, Map(kStackBytes));
  EXPECT_EXIT(fiber.ResumeInSecret(), testing::ExitedWithCode(2), kUnknown);
}

TEST(FiberDeathTest, ACollectionThatFindsAThreadOnSuchAStackIsRefused) {
  const auto wait_there = [] {
    std::atomic<bool> there{false};
    std::thread waiting([&there] {
      const ThreadScope scope;
      Fiber fiber(
          [&there](Fiber&) {
            there.store(true);
            while (true) pause();
          },
          Map(kStackBytes));
      fiber.ResumeInSecret();
    });
    while (!there.load()) usleep(100);
    GC();
  };
  EXPECT_EXIT(wait_there(), testing::ExitedWithCode(2), kUnknown);
}

TEST(FiberDeathTest, AStackMustBeLargeEnoughAndNamedOnce) {
  void* const memory = Map(kStackBytes);
  EXPECT_EXIT(FiberStack(memory, kLeastFiberStack - 1), testing::ExitedWithCode(2), "too small");
  const FiberStack first(memory, kLeastFiberStack);
  const FiberStack second(static_cast<char*>(memory) + kLeastFiberStack, kLeastFiberStack);
  EXPECT_EXIT(FiberStack(static_cast<char*>(memory) + 1, kLeastFiberStack),
              testing::ExitedWithCode(2), "one already");
}

// --- Alternate signal stacks ---

std::atomic<bool> in_handler{false};
std::atomic<bool> may_return{false};

void WaitInHandler(int) {
  in_handler.store(true);
  while (!may_return.load()) usleep(100);
}

void WithSignalStack(void (*handler)(int), const std::function<void()>& body) {
  const size_t bytes = size_t{64} << 10;
  stack_t signal_stack{};
  signal_stack.ss_sp = Map(bytes);
  signal_stack.ss_size = bytes;
  stack_t before;
  ASSERT_EQ(sigaltstack(&signal_stack, &before), 0);
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR1, &action, nullptr);
  body();
  sigaltstack(&before, nullptr);
  signal(SIGUSR1, SIG_DFL);
}

TEST(SignalStackTest, AThreadThatIsInAHandlerRetainsWhatItsOwnStackAndRegistersHold) {
  in_handler.store(false);
  may_return.store(false);
  std::thread thread([] {
    const ThreadScope scope;
    WithSignalStack(WaitInHandler, [] {
      Node* node = MakeNode(9);
      asm volatile("" : "+r"(node));
      pthread_kill(pthread_self(), SIGUSR1);
      asm volatile("" : "+r"(node));
      EXPECT_EQ(node->value, 9);
    });
  });
  while (!in_handler.load()) usleep(100);
  GC();
  Churn();
  may_return.store(true);
  thread.join();
}

// --- The main thread's own stack, which grows ---

[[gnu::noinline]] int64_t Deep(int frames, Node* node) {
  volatile char room[4096];
  room[0] = 0;
  if (frames == 0) {
    GC();
    Churn();
    return node->value;
  }
  const int64_t below = Deep(frames - 1, MakeNode(node->value + 1));
  return below + room[0] + (node->value < 0 ? 1 : 0);
}

TEST(MainStackTest, MayGrowBeyondWhatItWasAtTheStart) {
  EXPECT_EQ(StatusInAChild([] {
              rlimit limit;
              getrlimit(RLIMIT_STACK, &limit);
              limit.rlim_cur = rlim_t{64} << 20;
              ASSERT_EQ(setrlimit(RLIMIT_STACK, &limit), 0);
              EXPECT_EQ(Deep(8000, MakeNode(0)), 8000);
            }),
            0);
}

}  // namespace
}  // namespace heapwise::runtime
