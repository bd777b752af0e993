#include "heapwise/heap.h"

#include <signal.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/mem_stats.h"
#include "heapwise/weak.h"

namespace heapwise::runtime {
namespace {

struct Node {
  Node* left;
  Node* right;
  int64_t payload[2];
};

struct Base1 {
  virtual ~Base1() = default;
  int64_t a = 1;
};
struct Base2 {
  virtual ~Base2() = default;
  int64_t b = 2;
};
struct Derived : Base1, Base2 {
  int64_t c = 3;
};

struct Pixel {
  Pixel() {}  // NOLINT: leaves its members to the allocator on purpose
  uint8_t rgba[4];
  uint32_t depth;
};

template <class F>
AllocCounters Counted(F f) {
  const AllocCounters before = ThreadAllocs();
  f();
  const AllocCounters after = ThreadAllocs();
  return {after.allocs - before.allocs, after.bytes - before.bytes};
}

// Makes garbage in the size classes of this test, so that freed objects would be overwritten.
[[gnu::noinline]] void Churn() {
  for (int i = 0; i < 20000; ++i) {
    Node* node = New<Node>();
    node->payload[0] = -1;
    std::ranges::fill(MakeSlice<char>(200), 'x');
  }
}

}  // namespace

template <>
inline constexpr bool kIsPointerFree<Pixel> = true;

namespace {

// The value of a field of /proc/self/task/N/status, for each thread but this one.
std::vector<std::string> OtherThreads(const std::string& field) {
  std::vector<std::string> values;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(gettid())) continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(field + ":\t")) values.push_back(line.substr(field.size() + 2));
    }
  }
  return values;
}

TEST(SignalsTest, TheLibrarysThreadsTakeNoneOfTheProgram) {
  GC();  // starts them
  const std::vector<std::string> blocked = OtherThreads("SigBlk");
  ASSERT_FALSE(blocked.empty());
  for (const std::string& mask : blocked) {
    const uint64_t bits = std::stoull(mask, nullptr, 16);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD, SIGALRM}) {
      EXPECT_TRUE(bits >> (signal - 1) & 1) << signal << " in " << mask;
    }
  }
  sigset_t ours;
  pthread_sigmask(SIG_BLOCK, nullptr, &ours);
  EXPECT_EQ(sigismember(&ours, SIGTERM), 0);
}

TEST(HeapTest, NewConstructsAndIsZeroElsewhere) {
  Node* leaf = New<Node>();
  EXPECT_EQ(leaf->left, nullptr);
  EXPECT_EQ(leaf->payload[1], 0);
  Node* parent = New<Node>(leaf);
  EXPECT_EQ(parent->left, leaf);
  EXPECT_EQ(parent->right, nullptr);
  EXPECT_EQ(*New<int>(7), 7);
  EXPECT_EQ(*New<std::string>(10, 'x'), "xxxxxxxxxx");
}

TEST(HeapTest, ReusedMemoryIsZeroAgain) {
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 20000; ++i) {
      Node* node = New<Node>();
      ASSERT_TRUE(node->left == nullptr && node->right == nullptr && node->payload[0] == 0 &&
                  node->payload[1] == 0);
      node->payload[0] = node->payload[1] = -1;
      Pixel* pixel = New<Pixel>();
      // Volatile: that a constructor leaves a member alone is what g++ 14 would warn of.
      const uint32_t depth = const_cast<const volatile Pixel*>(pixel)->depth;
      ASSERT_EQ(depth, 0u) << "pointer-free memory is not cleared by bdwgc";
      pixel->depth = 0xffffffff;
      std::span<uint32_t> slice = MakeSlice<uint32_t>(50);
      ASSERT_TRUE(std::ranges::all_of(slice, [](uint32_t n) { return n == 0; }));
      std::ranges::fill(slice, 0xffffffff);
    }
    GC();
  }
}

TEST(HeapTest, CountsAreExactAndSizesRounded) {
  EXPECT_EQ(Counted([] {}).allocs, 0u);
  const auto expect = [](size_t size, uint64_t rounded, auto make) {
    constexpr int kTimes = 1000;
    const AllocCounters counted = Counted([&] {
      for (int i = 0; i < kTimes; ++i) make();
    });
    EXPECT_EQ(counted.allocs, kTimes) << size;
    EXPECT_EQ(counted.bytes, kTimes * rounded) << size;
  };
  expect(1, 16, [] { New<char>('a'); });
  expect(32, 32, [] { New<Node>(); });
  expect(1024, 1024, [] { New<std::array<char, 1024>>(); });
  expect(2048, 2048, [] { New<std::array<void*, 256>>(); });
  expect(4096, 4096, [] { New<std::array<char, 4096>>(); });
  expect(5000, 5008, [] { New<std::array<char, 5000>>(); });
  struct alignas(64) Line {
    char bytes[64];
  };
  expect(64, 64, [] { New<Line>(); });
  // A slice has a byte more, so that its end lies inside.
  expect(0, 16, [] { MakeSlice<char>(0); });
  expect(15, 16, [] { MakeSlice<char>(15); });
  expect(16, 32, [] { MakeSlice<char>(16); });
  expect(1000, 1024, [] { MakeSlice<char>(1000); });
  expect(65536, 65552, [] { MakeSlice<char>(65536); });
}

TEST(HeapTest, SizesAreWhatBdwgcSetsAside) {
  EXPECT_EQ(GC_size(New<Node>()), 32u);
  EXPECT_EQ(GC_size(New<std::array<char, 1024>>()), 1024u);
  EXPECT_EQ(GC_size(New<std::array<void*, 129>>()), 1360u)
      << "three to a block, as bdwgc's blocks allow";
  EXPECT_EQ(GC_size(New<std::array<void*, 1000>>()), 8000u);
  EXPECT_EQ(GC_size(MakeSlice<char>(65536).data()), 65552u);
}

TEST(HeapTest, ThreadsCountForThemselvesAndTogether) {
  const AllocCounters all_before = TotalAllocs();
  const AllocCounters mine_before = ThreadAllocs();
  AllocCounters theirs;
  std::thread([&] {
    ThreadScope scope;
    for (int i = 0; i < 100; ++i) New<Node>();
    theirs = ThreadAllocs();
  }).join();
  for (int i = 0; i < 10; ++i) New<Node>();
  EXPECT_EQ(theirs.allocs, 100u);
  EXPECT_EQ(theirs.bytes, 3200u);
  EXPECT_EQ(ThreadAllocs().allocs - mine_before.allocs, 10u);
  EXPECT_EQ(TotalAllocs().allocs - all_before.allocs, 110u);
  EXPECT_EQ(TotalAllocs().bytes - all_before.bytes, 3520u);
}

TEST(HeapTest, AThreadsCountsGoOnOverItsScopes) {
  std::thread([] {
    uint64_t allocs = 0;
    for (int i = 0; i < 3; ++i) {
      ThreadScope scope;
      EXPECT_EQ(ThreadAllocs().allocs, allocs) << "what others allocated is none of this thread's";
      for (int n = 0; n < 100; ++n) New<Node>();
      allocs += 100;
      EXPECT_EQ(ThreadAllocs().allocs, allocs);
    }
    EXPECT_EQ(ThreadAllocs().allocs, allocs);
    EXPECT_EQ(ThreadAllocs().bytes, 32 * allocs);
    // Another thread takes over what this one has left behind.
    std::thread([] {
      ThreadScope scope;
      New<Node>();
      EXPECT_EQ(ThreadAllocs().allocs, 1u);
      EXPECT_EQ(ThreadAllocs().bytes, 32u);
    }).join();
    ThreadScope scope;
    New<Node>();
    EXPECT_EQ(ThreadAllocs().allocs, allocs + 1);
  }).join();
}

TEST(HeapTest, PointersIntoTheMiddleRetain) {
  // Each keeper is the only pointer to its object, and stands in the GC heap, where no stack word
  // helps.
  struct Keepers {
    Base2* second_base;
    int64_t* member;
    std::span<char> tail;
    std::span<char> end;
  };
  Keepers* keepers = New<Keepers>();
  keepers->second_base = New<Derived>();
  keepers->member = &New<Node>()->payload[1];
  *keepers->member = 42;
  std::span<char> text = MakeSlice<char>(160);
  std::ranges::fill(text, 'k');
  keepers->tail = text.subspan(100);
  keepers->end = std::span<char>();
  {
    std::span<char> other = MakeSlice<char>(160);  // with the byte more: 176
    std::ranges::fill(other, 'e');
    keepers->end = other.subspan(160);  // one past the last element
    text = other = {};
  }
  for (int i = 0; i < 3; ++i) {
    GC();
    Churn();
  }
  EXPECT_EQ(keepers->second_base->b, 2);
  EXPECT_EQ(static_cast<Derived*>(keepers->second_base)->c, 3);
  EXPECT_EQ(*keepers->member, 42);
  EXPECT_TRUE(std::ranges::all_of(keepers->tail, [](char c) { return c == 'k'; }));
  EXPECT_EQ(keepers->end.data()[-1], 'e');
}

TEST(HeapTest, ContainersWithTheAllocatorRetainTheirElements) {
  using Map = std::map<int, Node*, std::less<>, Allocator<std::pair<const int, Node*>>>;
  Map* map = New<Map>();
  std::vector<Node*, Allocator<Node*>> vector;
  for (int i = 0; i < 1000; ++i) {
    Node* node = New<Node>();
    node->payload[0] = i;
    (*map)[i] = node;
    node = New<Node>();
    node->payload[0] = -i;
    vector.push_back(node);
  }
  for (int i = 0; i < 3; ++i) {
    GC();
    Churn();
  }
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(map->at(i)->payload[0], i);
    ASSERT_EQ(vector[static_cast<size_t>(i)]->payload[0], -i);
  }
}

[[gnu::noinline]] void DropThousand(std::vector<Weak<Node>>& dropped) {
  for (int i = 0; i < 1000; ++i) dropped.emplace_back(New<Node>());
}

size_t CountAlive(const std::vector<Weak<Node>>& nodes) {
  return static_cast<size_t>(
      std::ranges::count_if(nodes, [](const Weak<Node>& node) { return node.Get() != nullptr; }));
}

TEST(HeapTest, WhatNothingPointsToIsCollected) {
  std::vector<Weak<Node>> dropped;
  DropThousand(dropped);
  EXPECT_EQ(CountAlive(dropped), 1000u);
  GC();
  // Conservative scanning may find a stale word or two.
  EXPECT_LT(CountAlive(dropped), 10u);
}

[[gnu::noinline]] void DropSlices(int n) {
  for (int i = 0; i < n; ++i) MakeSlice<char>(1 << 20);
}

[[gnu::noinline]] void OverwriteDeadStack() {
  volatile char dead[64 << 10] = {};
  (void)dead[0];
}

// The first collection of a process binds functions to libraries, and what the dynamic linker saves on the stack for
// that once held addresses of 20 of these.
TEST(HeapTest, TheFirstCollectionFindsWhatWasDropped) {
  const int percent = debug::SetGCPercent(-1);
  DropSlices(100);
  OverwriteDeadStack();
  GC();
  debug::SetGCPercent(percent);
  MemStats stats;
  ReadMemStats(&stats);
  EXPECT_LT(stats.HeapAlloc, uint64_t{3} << 20);
}

TEST(HeapTest, PointerFreeMemoryIsNotScanned) {
  // Addresses stored as numbers retain in scanned memory, and do not in pointer-free memory.
  std::vector<Weak<Node>> dropped;
  std::span<uintptr_t> numbers = MakeSlice<uintptr_t>(1000);
  [&]() __attribute__((noinline)) {
    for (size_t i = 0; i < 1000; ++i) {
      Node* node = New<Node>();
      dropped.emplace_back(node);
      numbers[i] = reinterpret_cast<uintptr_t>(node);
    }
  }
  ();
  GC();
  EXPECT_LT(CountAlive(dropped), 10u);
  EXPECT_NE(numbers[999], 0u);
}

internal::NextSample NoSample(void*, size_t, int64_t) { return {uint64_t{1} << 62, 0}; }

// A list on which a sample falls is in two parts, and pointer-free objects on it are marked one by one.
TEST(HeapTest, FreeListsThatASampleCutsSurviveCollections) {
  internal::SetSampleHook([](void*, size_t, int64_t) { return internal::NextSample{1000, 0}; });
  constexpr size_t kBytes = 200;  // a class of its own in this test
  const auto take = [](size_t n, std::vector<char*, Allocator<char*>>& taken) {
    for (size_t i = 0; i < n; ++i) taken.push_back(MakeSlice<char>(kBytes).data());
  };
  std::vector<char*, Allocator<char*>> mine;
  std::vector<char*, Allocator<char*>> theirs;
  for (int round = 0; round < 5; ++round) {
    take(1, mine);  // the rest of the block waits on this thread's list
    GC();
    std::thread([&] {
      ThreadScope scope;
      take(200, theirs);
    }).join();
    take(40, mine);
  }
  std::ranges::sort(mine);
  std::ranges::sort(theirs);
  std::vector<char*> both;
  std::ranges::set_intersection(mine, theirs, std::back_inserter(both));
  EXPECT_TRUE(both.empty()) << both.size() << " objects were given out twice";
  internal::SetSampleHook(NoSample);
}

// The interval that each sample came with, and the one that the next distances come with.
std::vector<int64_t> sampled_intervals;
int64_t next_interval = 0;

// A sampler that changes its mind may not change what a distance was drawn by.
TEST(HeapTest, ASampleComesWithTheIntervalOfItsDistance) {
  sampled_intervals.clear();
  next_interval = 1;
  internal::SetSampleHook([](void* object, size_t, int64_t interval) {
    if (object != nullptr) sampled_intervals.push_back(interval);
    return internal::NextSample{1000, next_interval};
  });
  const auto take = [](size_t bytes, int n) {
    for (int i = 0; i < n; ++i) MakeSlice<char>(bytes);
  };
  // On a thread of its own, whose lists are empty.
  std::thread([&take] {
    ThreadScope scope;
    // One of 224 bytes: the list is cut before its fifth, and the thread has drawn the next distance.
    take(215, 1);
    next_interval = 2;
    take(215, 3);
    EXPECT_TRUE(sampled_intervals.empty());
    take(215, 1);
    EXPECT_EQ(sampled_intervals, std::vector<int64_t>{1}) << "cut before the change";
    take(215, 5);
    EXPECT_EQ(sampled_intervals, (std::vector<int64_t>{1, 2})) << "cut after it";
    take(231, 5);  // another list, which takes the distance that the thread had
    EXPECT_EQ(sampled_intervals, (std::vector<int64_t>{1, 2, 1}));
    next_interval = 3;
    take(5000, 1);  // a large one
    EXPECT_EQ(sampled_intervals, (std::vector<int64_t>{1, 2, 1, 2}));
    take(5000, 1);
    EXPECT_EQ(sampled_intervals, (std::vector<int64_t>{1, 2, 1, 2, 3}));
  }).join();
  internal::SetSampleHook(NoSample);
}

TEST(HeapTest, AlignmentIsKept) {
  struct alignas(64) Line {
    void* p;
  };
  struct alignas(4096) Page {
    char bytes[4096];
  };
  for (int i = 0; i < 100; ++i) {
    Line* line = New<Line>();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(line) % 64, 0u);
    EXPECT_EQ(line->p, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(New<Page>()) % 4096, 0u);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(MakeSlice<Line>(3).data()) % 64, 0u);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(New<long double>()) % alignof(long double), 0u);
  }
}

// Of many sizes, also while heap samples are taken; and bdwgc knows the objects by their own addresses.
TEST(HeapTest, AlignedObjectsBeginWhereTheirMemoryDoes) {
  for (const internal::Kind kind : {internal::kNormal, internal::kPointerFree}) {
    for (size_t alignment = 32; alignment <= 4096; alignment *= 2) {
      for (size_t bytes = 1; bytes < 9000; bytes += bytes < 300 ? 13 : 500) {
        for (int i = 0; i < 5; ++i) {
          void* const object = internal::AllocateAligned(alignment, bytes, kind);
          ASSERT_EQ(reinterpret_cast<uintptr_t>(object) % alignment, 0u)
              << alignment << " " << bytes;
          ASSERT_EQ(GC_base(object), object) << alignment << " " << bytes;
          ASSERT_GE(GC_size(object), bytes);
        }
      }
    }
    const auto address = reinterpret_cast<uintptr_t>(internal::AllocateAligned(1 << 16, 100, kind));
    EXPECT_EQ(address % (1 << 16), 0u);
    EXPECT_EQ(GC_base(reinterpret_cast<void*>(address + 99)),
              GC_base(reinterpret_cast<void*>(address)));
  }
}

TEST(HeapTest, ASizeThatDoesNotFitIsRefused) {
  EXPECT_THROW(MakeSlice<Node>(SIZE_MAX / 8), std::bad_array_new_length);
  EXPECT_THROW(Allocator<Node>().allocate(SIZE_MAX), std::bad_array_new_length);
}

TEST(HeapTest, ASliceMayHaveRoom) {
  const AllocCounters counted = Counted([] {
    const std::span<int64_t> slice = MakeSlice<int64_t>(3, 10);
    EXPECT_EQ(slice.size(), 3u);
    const std::span<int64_t> whole(slice.data(), 10);
    EXPECT_TRUE(std::ranges::all_of(whole, [](int64_t n) { return n == 0; }));
    whole[9] = 1;
    const std::span<std::string> strings = MakeSlice<std::string>(0, 2);
    EXPECT_TRUE(strings.empty());
    EXPECT_EQ(std::span(strings.data(), 2)[1], "");
  });
  EXPECT_EQ(counted.allocs, 2u);
  EXPECT_EQ(counted.bytes, 96u + 80u);  // 80 and 64 bytes, and one behind the end of each
  EXPECT_EQ(MakeSlice<char>(5, 5).size(), 5u);
  EXPECT_THROW(MakeSlice<char>(6, 5), std::bad_array_new_length);
  EXPECT_THROW(MakeSlice<Node>(0, SIZE_MAX / 8), std::bad_array_new_length);
}

TEST(HeapTest, ScopesNest) {
  ThreadScope on_the_main_thread;
  std::thread([] {
    ThreadScope outer;
    {
      ThreadScope inner;
      New<Node>();
    }
    EXPECT_EQ(New<Node>(nullptr, nullptr)->left, nullptr);
    EXPECT_EQ(ThreadAllocs().allocs, 2u);
  }).join();
}

TEST(HeapTest, WhatAThreadLeavesBehindLivesOn) {
  Node** shared = New<Node*>(nullptr);
  std::thread([&] {
    ThreadScope scope;
    *shared = New<Node>();
    (*shared)->payload[0] = 11;
  }).join();
  GC();
  Churn();
  EXPECT_EQ((*shared)->payload[0], 11);
}

TEST(HeapDeathTest, AThreadThatForgotItsScopeIsTold) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto in_a_thread = [](void (*use)()) { std::thread(use).join(); };
  EXPECT_EXIT(in_a_thread([] { New<Node>(); }), testing::ExitedWithCode(2), "ThreadScope");
  EXPECT_EXIT(in_a_thread([] { MakeSlice<char>(1 << 20); }), testing::ExitedWithCode(2),
              "ThreadScope");
  EXPECT_EXIT(in_a_thread([] { GC(); }), testing::ExitedWithCode(2), "ThreadScope");
}

ucontext_t main_context;
ucontext_t fiber_context;

void AllocateOnFiber() {
  for (int i = 0; i < 1000; ++i) New<Node>();
}

[[noreturn]] void RunFiber(void (*body)()) {
  static char stack[256 << 10];
  getcontext(&fiber_context);
  fiber_context.uc_stack.ss_sp = stack;
  fiber_context.uc_stack.ss_size = sizeof stack;
  fiber_context.uc_link = &main_context;
  makecontext(&fiber_context, body, 0);
  swapcontext(&main_context, &fiber_context);
  std::exit(0);
}

void (*on_signal_stack)() = nullptr;

// Calls it in a signal handler on a stack of its own.
void OnSignalStack(void (*body)()) {
  static char memory[256 << 10];
  const stack_t stack{.ss_sp = memory, .ss_flags = 0, .ss_size = sizeof memory};
  stack_t stack_before;
  sigaltstack(&stack, &stack_before);
  struct sigaction action {};
  action.sa_handler = [](int) { on_signal_stack(); };
  action.sa_flags = SA_ONSTACK;
  struct sigaction action_before;
  sigaction(SIGUSR1, &action, &action_before);
  on_signal_stack = body;
  raise(SIGUSR1);
  sigaction(SIGUSR1, &action_before, nullptr);
  sigaltstack(&stack_before, nullptr);
}

TEST(HeapDeathTest, AllocatingOnAnotherStackIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(RunFiber(AllocateOnFiber), testing::ExitedWithCode(2), "on another stack");
  EXPECT_EXIT(std::thread([] {
                const ThreadScope scope;
                New<Node>();
                RunFiber(AllocateOnFiber);
              }).join(),
              testing::ExitedWithCode(2), "on another stack");
}

TEST(HeapDeathTest, CollectingOnAnotherStackIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  New<Node>();
  EXPECT_EXIT(RunFiber([] { GC(); }), testing::ExitedWithCode(2), "on another stack");
  EXPECT_EXIT(RunFiber(debug::FreeOSMemory), testing::ExitedWithCode(2), "on another stack");
}

TEST(HeapTest, AHandlerOnAnAlternateStackMayAllocateAndCollect) {
  Node* const kept = New<Node>();
  kept->payload[0] = 42;
  OnSignalStack([] {
    const uint64_t collections = CollectionLog::Next();
    for (int i = 0; i < 1'000'000; ++i) New<Node>();
    EXPECT_GT(CollectionLog::Next(), collections);
    GC();
  });
  for (int i = 0; i < 100'000; ++i) New<Node>();
  GC();
  EXPECT_EQ(kept->payload[0], 42);
}

[[gnu::noinline]] int64_t Recurse(int depth) {
  volatile char frame[2000] = {};
  Node* const node = New<Node>();
  MakeSlice<char>(5000);
  return depth == 0 ? 0 : 1 + Recurse(depth - 1) + node->payload[0] + frame[1];
}

TEST(HeapTest, AllOfAThreadsOwnStackMayBeUsed) {
  EXPECT_EQ(Recurse(2000), 2000);
  std::thread([] {
    const ThreadScope scope;
    EXPECT_EQ(Recurse(2000), 2000);
  }).join();
}

TEST(HeapDeathTest, ExhaustedMemoryIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(MakeSlice<char>(size_t{1} << 50), testing::ExitedWithCode(2), "out of memory");
}

// Half of all addresses, but for one and the byte that is added: any more is no size at all.
TEST(HeapDeathTest, TheLargestSizeThereIsIsRefusedByTheSystem) {
  constexpr size_t kMost = std::numeric_limits<size_t>::max() / 2 - 1;
  EXPECT_THROW(MakeSlice<char>(kMost + 1), std::bad_array_new_length);
  EXPECT_THROW(MakeSlice<int64_t>(kMost / 8 + 1), std::bad_array_new_length);
  EXPECT_EXIT(MakeSlice<char>(kMost), testing::ExitedWithCode(2), "out of memory");
  EXPECT_EXIT(MakeSlice<int64_t>(kMost / 8), testing::ExitedWithCode(2), "out of memory");
}

struct Kilobyte {
  Kilobyte* next;
  char rest[1016];
};

// Fills all that the system gives with objects of one size, which live, and then asks for another size.
[[noreturn]] void FillWithOneSizeAndAskForAnother() {
  debug::SetGCPercent(-1);
  debug::DisableHugePages();
  const rlimit none{.rlim_cur = 1, .rlim_max = 1};
  if (setrlimit(RLIMIT_DATA, &none) != 0) std::perror("setrlimit");
  Node* nodes = nullptr;
  while (GC_get_free_bytes() > 0) nodes = New<Node>(nodes, nullptr);
  Kilobyte* kilobytes = nullptr;
  while (true) {
    kilobytes = New<Kilobyte>(kilobytes);
    kilobytes->rest[0] = nodes == nullptr ? 1 : 2;
  }
}

TEST(HeapDeathTest, RunningOutOfBlocksIsFatalWhateverTheSize) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of few objects
  EXPECT_EXIT(FillWithOneSizeAndAskForAnother(), testing::ExitedWithCode(2), "out of memory");
}

TEST(HeapDeathTest, MalformedGomemlimitEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // The threadsafe style runs this program again, with the environment of the parent.
  setenv("GOMEMLIMIT", "512MB", 1);
  EXPECT_EXIT(std::exit(0), testing::ExitedWithCode(2),
              "GOMEMLIMIT=512MB\nfatal error: malformed GOMEMLIMIT");
  unsetenv("GOMEMLIMIT");
}

}  // namespace
}  // namespace heapwise::runtime
