// Children of fork(2): nothing that a thread of the parent was in the middle of may hold them up.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/cleanup.h"
#include "heapwise/debug.h"
#include "heapwise/finalizer.h"
#include "heapwise/gc/forcer.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/modes.h"
#include "heapwise/pool.h"
#include "heapwise/weak.h"
#include "testing/eventually.h"
#include "testing/sanitizers.h"

namespace heapwise::runtime {
namespace {

struct Node {
  Node* next;
  int64_t value;
};

[[gnu::noinline]] void MakeGarbage(int n) {
  for (int i = 0; i < n; ++i) {
    New<Node>(nullptr, i);
    MakeSlice<char>(100);
  }
}

// What waitpid reports of a child that ran `body`: 0, unless an expectation failed in it or it hung.
int StatusOfChild(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    body();
    std::fflush(nullptr);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

TEST(ForkTest, ChildrenOfABusyParentAllocateAndCollect) {
  if (test::kAddressSanitizer) {
    GTEST_SKIP() << "AddressSanitizer's malloc has locks that a fork leaves held (GCC 12)";
  }
  sync::Pool<Node> pool;
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  const auto run = [&](auto step) {
    threads.emplace_back([&done, step] {
      ThreadScope scope;
      while (!done.load()) step();
    });
  };
  run([] {
    MakeGarbage(1000);
    GC();
  });
  run([&pool] {
    pool.Get();  // stolen from the main thread, as this one never puts anything back
    MakeGarbage(1);
  });
  run([] {
    Node* const node = New<Node>();  // here: what a std::thread captures is not scanned
    EXPECT_EQ(Weak<Node>(node).Get(), node);
    SetFinalizer(New<Node>(), [](Node*) { MakeGarbage(1); });
    AddCleanup(
        New<Node>(), [](int) { MakeGarbage(1); }, 1)
        .Stop();
    AddCleanup(
        New<Node>(), [](int) { MakeGarbage(1); }, 1);
    CollectionLog::Since(0);
    ReadHeapCounters();
    debug::SetGCPercent(100);
    internal::SetForcePeriod(std::chrono::hours(1));
    std::thread([] {
      ThreadScope scope;
      MakeGarbage(1);
    }).join();
  });
  for (int i = 0; i < 200; ++i) {
    for (int n = 0; n < 500; ++n) pool.Put(New<Node>(nullptr, n));
    const int status = StatusOfChild([&pool] {
      MakeGarbage(1000);
      GC();
      internal::SetForcePeriod(std::chrono::hours(1));
      pool.Put(New<Node>(nullptr, 1));
      pool.Put(New<Node>(nullptr, 2));
      EXPECT_NE(pool.Get(), nullptr);
      SetFinalizer(New<Node>(), [](Node*) { MakeGarbage(1); });
      Node* const kept = New<Node>(nullptr, 3);
      const Weak<Node> weak(kept);
      std::thread([&] {
        ThreadScope scope;
        MakeGarbage(100);
        pool.Get();
        GC();
      }).join();
      EXPECT_EQ(weak.Get(), kept);
      EXPECT_EQ(kept->value, 3);
      MemStats stats;
      ReadMemStats(&stats);
      EXPECT_GT(stats.HeapObjects, 0u);
    });
    EXPECT_EQ(status, 0) << "fork " << i << (WIFSIGNALED(status) ? ": killed" : "");
    if (status != 0) break;
  }
  done.store(true);
  for (std::thread& thread : threads) thread.join();
  internal::SetForcePeriod(std::chrono::minutes(2));
}

TEST(ForkTest, TheChildsFirstCollectionStartsItsHelpers) {
  const int markers = Markers();
  EXPECT_EQ(StatusOfChild([markers] {
              EXPECT_EQ(Markers(), 1);
              EXPECT_EQ(CurrentMode(), Mode::kStopTheWorld);
              GC();
              EXPECT_EQ(Markers(), markers);
              const uint64_t since = CollectionLog::Next();
              internal::SetForcePeriod(std::chrono::milliseconds(1));
              while (CollectionLog::Next() == since) usleep(1000);  // or else the alarm
              // And its own children do the same.
              EXPECT_EQ(StatusOfChild([markers] {
                          GC();
                          EXPECT_EQ(Markers(), markers);
                        }),
                        0);
            }),
            0);
  EXPECT_EQ(Markers(), markers);
}

TEST(ForkTest, TheChildCountsOnAndDropsWhatOtherThreadsHeld) {
  const int percent = debug::SetGCPercent(-1);
  std::atomic<int> step{0};
  std::thread other([&step] {
    ThreadScope scope;
    MakeSlice<char>(100);
    step.store(1);
    while (step.load() == 1) usleep(1000);
  });
  while (step.load() == 0) usleep(1000);
  const AllocCounters all = TotalAllocs();
  const AllocCounters mine = ThreadAllocs();
  const int status = StatusOfChild([&] {
    New<Node>();
    EXPECT_EQ(TotalAllocs().allocs, all.allocs + 1);
    EXPECT_EQ(ThreadAllocs().allocs, mine.allocs + 1);
    // A thread of the child's takes over the heap of the one that is gone, whose lists are empty.
    std::thread([] {
      ThreadScope scope;
      MakeSlice<char>(100);
      EXPECT_EQ(ThreadAllocs().allocs, 1u);
    }).join();
    EXPECT_EQ(TotalAllocs().allocs, all.allocs + 2);
    MemStats stats;
    ReadMemStats(&stats);
    GC();
    ReadMemStats(&stats);
    EXPECT_LE(stats.HeapObjects, stats.Mallocs);
  });
  step.store(2);
  other.join();
  debug::SetGCPercent(percent);
  EXPECT_EQ(status, 0);
}

std::atomic<int> finalized{0};

[[gnu::noinline]] void DropWithFinalizer(int n) {
  for (int i = 0; i < n; ++i) SetFinalizer(New<Node>(), [](Node*) { ++finalized; });
}

// What the parent attached the child has too, and a thread that runs it.
TEST(ForkTest, TheChildRunsFinalizersAndCleanups) {
  DropWithFinalizer(100);
  EXPECT_EQ(StatusOfChild([] {
              // The parent's own thread may have run some before.
              const int before = finalized;
              GC();
              EXPECT_TRUE(test::Eventually([] { return finalized > 90; })) << before;
              finalized = 0;
              DropWithFinalizer(100);
              [] {
                for (int i = 0; i < 100; ++i)
                  AddCleanup(
                      New<Node>(), [](int) { ++finalized; }, 1);
              }();
              EXPECT_TRUE(test::Eventually([] {
                if (finalized < 190) GC();
                return finalized > 190;
              }));
            }),
            0);
  EXPECT_TRUE(test::Eventually([] {
    if (finalized < 90) GC();
    return finalized > 90;
  }));
}

std::atomic<int> status_of_finalizers_child{-1};
std::atomic<int> inside{0};
std::atomic<int> together{0};

// Its child's only thread is the one that runs finalizers, and stays the only one that does.
TEST(ForkTest, AFinalizerMayFork) {
  finalized = 0;
  for (int i = 0; i < 100; ++i) {
    SetFinalizer(New<Node>(), [](Node*) {
      if (finalized.fetch_add(1) != 0) return;
      status_of_finalizers_child = StatusOfChild([] {
        GC();
        for (int k = 0; k < 100; ++k) {
          SetFinalizer(New<Node>(), [](Node*) {
            if (inside.fetch_add(1) != 0) ++together;
            --inside;
          });
        }
        ++inside;
        for (int k = 0; k < 5; ++k) GC();
        usleep(10'000);
        --inside;
        EXPECT_EQ(together, 0);
      });
    });
  }
  EXPECT_TRUE(test::Eventually([] {
    if (finalized == 0) GC();
    return status_of_finalizers_child != -1;
  }));
  EXPECT_EQ(status_of_finalizers_child, 0);
}

// The thread that forks need not be known to the collector; then the child has no thread that is.
TEST(ForkTest, AnUnregisteredThreadMayFork) {
  New<Node>();
  int status = -1;
  std::thread([&status] {
    status = StatusOfChild([] {
      ThreadScope scope;
      MakeGarbage(1000);
      GC();
    });
  }).join();
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace heapwise::runtime
