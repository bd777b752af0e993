#include "heapwise/finalizer.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/weak.h"
#include "testing/eventually.h"

namespace heapwise::runtime {
namespace {

using test::Eventually;

struct Node {
  Node* next;
  int64_t value;
};

// Makes garbage in the size classes of this test, so that freed objects would be overwritten.
[[gnu::noinline]] void Churn() {
  for (int i = 0; i < 20000; ++i) New<Node>(nullptr, -1);
}

std::atomic<int> finalized{0};

// In a frame of its own, so that no pointer stays behind on the stack.
[[gnu::noinline]] void DropWithFinalizer(int n) {
  for (int i = 0; i < n; ++i) {
    // A finalizer may allocate.
    SetFinalizer<Node>(New<Node>(nullptr, i), [](Node* node) {
      finalized += static_cast<int>(New<Node>(node, 1)->value);
    });
  }
}

TEST(FinalizerTest, RunsOnceForWhatIsUnreachable) {
  Node* kept = New<Node>();
  SetFinalizer<Node>(kept, [](Node*) { finalized += 1000000; });
  finalized = 0;
  DropWithFinalizer(1000);
  for (int i = 0; i < 5; ++i) GC();
  EXPECT_TRUE(Eventually([] { return finalized > 990; })) << finalized;
  EXPECT_LE(finalized, 1000);
  EXPECT_EQ(kept->value, 0);
  SetFinalizer(kept, nullptr);
}

TEST(FinalizerTest, NullTakesItBackAndItCanBeSetAgain) {
  finalized = 0;
  Node* kept = New<Node>();
  SetFinalizer(kept, [](Node*) { finalized += 1000000; });
  SetFinalizer(kept, nullptr);
  SetFinalizer(kept, nullptr);
  SetFinalizer(kept, [](Node*) { finalized += 1; });
  SetFinalizer(kept, nullptr);
  kept = nullptr;
  DropWithFinalizer(100);
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_TRUE(Eventually([] { return finalized > 90; }));
  EXPECT_LE(finalized, 100);
}

// --- Where they run ---

struct Seen {
  std::mutex mutex;
  std::vector<pthread_t> threads;
  std::atomic<int> inside{0};
  std::atomic<int> together{0};
  std::atomic<int> open_signals{0};
  std::atomic<int> runs{0};
};
Seen seen;

void Look(Node* node) {
  if (seen.inside.fetch_add(1) != 0) ++seen.together;
  {
    // Whoever drops the nodes holds it meanwhile: it is not the thread that runs this.
    const std::lock_guard lock(seen.mutex);
    seen.threads.push_back(pthread_self());
  }
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD, SIGALRM}) {
    if (sigismember(&blocked, signal) != 1) ++seen.open_signals;
  }
  New<Node>(node, 1);
  if (node->value % 100 == 0) GC();
  --seen.inside;
  ++seen.runs;
}

[[gnu::noinline]] void DropWithLook(int n) {
  for (int i = 0; i < n; ++i) {
    const std::lock_guard lock(seen.mutex);
    SetFinalizer(New<Node>(nullptr, i), Look);
    MakeSlice<char>(10'000);
    if (i % 100 == 0) GC();
  }
}

TEST(FinalizerTest, TheyRunInOneThreadOfTheLibrarysOwnWithoutTheProgramsSignals) {
  seen.runs = 0;
  std::vector<std::thread> threads;
  std::vector<pthread_t> allocating = {pthread_self()};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([] {
      ThreadScope scope;
      DropWithLook(500);
    });
    allocating.push_back(threads.back().native_handle());
  }
  DropWithLook(500);
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_TRUE(Eventually([] { return seen.runs > 1900; })) << seen.runs;
  EXPECT_EQ(seen.together, 0);
  EXPECT_EQ(seen.open_signals, 0);
  const std::lock_guard lock(seen.mutex);
  ASSERT_FALSE(seen.threads.empty());
  for (const pthread_t thread : seen.threads) ASSERT_EQ(thread, seen.threads[0]);
  for (const pthread_t thread : allocating) EXPECT_FALSE(pthread_equal(thread, seen.threads[0]));
}

// --- What they find ---

struct Tree {
  Tree* left;
  Tree* right;
  int64_t check;
};

Tree* Build(int depth, int64_t check) {
  if (depth < 0) return nullptr;
  return New<Tree>(Build(depth - 1, check), Build(depth - 1, check), check);
}

bool Intact(const Tree* tree, int depth, int64_t check) {
  if (depth < 0) return tree == nullptr;
  return tree != nullptr && tree->check == check && Intact(tree->left, depth - 1, check) &&
         Intact(tree->right, depth - 1, check);
}

// Makes garbage of that size, so that freed trees would be overwritten.
[[gnu::noinline]] void ChurnTrees() {
  for (int i = 0; i < 20'000; ++i) New<Tree>(nullptr, nullptr, -1);
}

std::atomic<int> intact{0};
std::atomic<int> broken{0};

[[gnu::noinline]] void DropTrees(int n) {
  for (int i = 0; i < n; ++i) {
    SetFinalizer(Build(2, i), [](Tree* dead) {
      // Whatever has been allocated since the collection did not get this memory.
      ChurnTrees();
      ++(Intact(dead, 2, dead->check) ? intact : broken);
    });
  }
}

TEST(FinalizerTest, WhatTheObjectLeadsToIsWhole) {
  intact = broken = 0;
  DropTrees(100);
  for (int i = 0; i < 5; ++i) {
    GC();
    ChurnTrees();
  }
  EXPECT_TRUE(Eventually([] { return intact + broken > 90; }));
  EXPECT_EQ(broken, 0);
}

std::atomic<bool> holding{false};
std::atomic<bool> let_go{false};

[[gnu::noinline]] void DropHolder() {
  for (int i = 0; i < 10; ++i) {
    SetFinalizer(New<Node>(), [](Node*) {
      holding = true;
      while (!let_go) usleep(1000);
    });
  }
}

// While one holds up the others, more collections come.
TEST(FinalizerTest, WhatTheObjectLeadsToIsWholeHoweverLongItWaits) {
  holding = let_go = false;
  DropHolder();
  EXPECT_TRUE(Eventually([] {
    if (!holding) GC();
    return holding.load();
  }));
  intact = broken = 0;  // what an earlier test left has counted up to here
  for (int round = 0; round < 3; ++round) {
    DropTrees(100);
    for (int i = 0; i < 3; ++i) {
      GC();
      ChurnTrees();
    }
  }
  EXPECT_EQ(intact + broken, 0);
  let_go = true;
  EXPECT_TRUE(Eventually([] { return intact + broken > 270; })) << intact;
  EXPECT_EQ(broken, 0);
}

// More than fit on bdwgc's mark stack (4096 entries at first).
TEST(FinalizerTest, ManyLiveObjectsWithFinalizersKeepWhatTheyLeadTo) {
  std::vector<Tree*, Allocator<Tree*>> kept;
  kept.reserve(20'000);
  finalized = 0;
  for (int i = 0; i < 20'000; ++i) {
    kept.push_back(Build(2, i));
    SetFinalizer(kept.back(), [](Tree*) { ++finalized; });
  }
  for (int i = 0; i < 3; ++i) {
    GC();
    ChurnTrees();
  }
  EXPECT_EQ(finalized, 0) << "they are alive";
  for (size_t i = 0; i < kept.size(); ++i) {
    ASSERT_TRUE(Intact(kept[i], 2, static_cast<int64_t>(i))) << i;
    SetFinalizer(std::exchange(kept[i], nullptr), nullptr);
  }
}

constexpr int kChains = 100;

struct Link {
  Link* next;
  int chain;
  int number;  // 1 is the outermost
};
std::atomic<int> last_of_chain[kChains];  // the number of the one that was finalized last
std::atomic<int> out_of_order{0};

void NoteOrder(Link* link) {
  if (last_of_chain[link->chain].exchange(link->number) != link->number - 1) ++out_of_order;
  if (link->number < 3 && link->next->number != link->number + 1) ++out_of_order;
}

// 1 -> 2 -> 3, all with finalizers.
[[gnu::noinline]] void DropChains() {
  for (int chain = 0; chain < kChains; ++chain) {
    Link* link = nullptr;
    for (int number = 3; number >= 1; --number) {
      link = New<Link>(link, chain, number);
      SetFinalizer(link, NoteOrder);
    }
  }
}

TEST(FinalizerTest, TheOuterObjectComesFirst) {
  for (auto& last : last_of_chain) last = 0;
  DropChains();
  EXPECT_TRUE(Eventually([] {
    GC();
    Churn();
    const auto complete = [](const std::atomic<int>& last) { return last == 3; };
    return std::ranges::count_if(last_of_chain, complete) > kChains - 10;
  }));
  EXPECT_EQ(out_of_order, 0);
}

[[gnu::noinline]] void DropCircles(int n) {
  for (int i = 0; i < n; ++i) {
    Node* first = New<Node>(nullptr, 1);
    first->next = New<Node>(first, 2);
    SetFinalizer(first, [](Node*) { finalized += 1000; });
  }
}

// Go's rule: "that cycle is not guaranteed to be garbage collected" (mfinal.go).
TEST(FinalizerTest, ACircleWithAFinalizerIsNotFreed) {
  finalized = 0;
  DropCircles(10);
  DropWithFinalizer(100);
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_TRUE(Eventually([] { return finalized > 90; }));
  EXPECT_LE(finalized, 100);
}

struct Revived {
  int64_t index;
  int64_t runs;
};
std::atomic<Revived*> revived[100];
std::atomic<int> revivals{0};

void Revive(Revived* object) {
  if (++object->runs < 3) SetFinalizer(object, Revive);
  revived[object->index].store(object);
  ++revivals;
}

[[gnu::noinline]] void DropRevived() {
  for (int64_t i = 0; i < 100; ++i) SetFinalizer(New<Revived>(i), Revive);
}

// How many are there, all of which have run so often.
[[gnu::noinline]] int CountRevived(int64_t runs) {
  int count = 0;
  for (const auto& object : revived) {
    if (object.load() == nullptr) continue;
    EXPECT_EQ(object.load()->runs, runs);
    ++count;
  }
  return count;
}

TEST(FinalizerTest, MayMakeTheObjectReachableAndSetAFinalizerAgain) {
  revivals = 0;
  DropRevived();
  for (int64_t run = 1; run <= 3; ++run) {
    GC();
    EXPECT_TRUE(Eventually([] { return revivals > 90; })) << run;
    for (int i = 0; i < 3; ++i) {
      GC();
      Churn();
    }
    EXPECT_GT(CountRevived(run), 90);
    revivals = 0;
    for (auto& object : revived) object.store(nullptr);
  }
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_LT(revivals, 10) << "they have no finalizer any more";
}

template <size_t alignment>
struct alignas(alignment) Aligned {
  Aligned* self;
};

// How many were finalized of each alignment: what a stale word keeps of one may go while the next is tested.
template <size_t alignment>
inline std::atomic<int> aligned_finalized{0};

// Makes n objects with a finalizer that counts them, in a frame of its own.
template <size_t alignment>
[[gnu::noinline]] void MakeAligned(
    int n, std::vector<Aligned<alignment>*, Allocator<Aligned<alignment>*>>* kept) {
  using Object = Aligned<alignment>;
  for (int i = 0; i < n; ++i) {
    Object* object = New<Object>();
    object->self = object;
    SetFinalizer(object, [](Object* dead) {
      aligned_finalized<alignment> += dead->self == dead ? 1 : 1000000;
    });
    if (kept != nullptr) kept->push_back(object);
  }
}

template <size_t alignment>
void TestAligned() {
  std::vector<Aligned<alignment>*, Allocator<Aligned<alignment>*>> live;
  aligned_finalized<alignment> = 0;
  MakeAligned<alignment>(64, &live);
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_EQ(aligned_finalized<alignment>, 0) << alignment << ": they are alive";
  EXPECT_EQ(live.back()->self, live.back());
  for (Aligned<alignment>* object : live) SetFinalizer(object, nullptr);
  MakeAligned<alignment>(64, nullptr);
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_TRUE(Eventually([] { return aligned_finalized<alignment> > 55; })) << alignment;
  EXPECT_LE(aligned_finalized<alignment>, 64) << alignment;
}

TEST(FinalizerTest, OverAlignedObjectsAreFinalizedWhenTheyAreDead) {
  TestAligned<8>();
  TestAligned<32>();
  TestAligned<64>();
  TestAligned<1024>();
  TestAligned<4096>();
  TestAligned<8192>();
}

// --- What they cost ---

// bdwgc's own tables would collect at each doubling above 4096 entries.
TEST(FinalizerTest, RegisteringNeitherCollectsNorCountsAsAnObject) {
  std::vector<Node*, Allocator<Node*>> kept;
  std::vector<Weak<Node>> weak;
  constexpr int kObjects = 20'000;
  kept.reserve(kObjects);
  weak.reserve(kObjects);
  // What other tests have dropped is gone when collections find nothing more, and finalizers have run in between.
  MemStats before{};
  for (int same = 0; same < 5;) {
    const uint64_t objects = before.HeapObjects;
    GC();
    ReadMemStats(&before);
    same = before.HeapObjects == objects ? same + 1 : 0;
    usleep(5000);
  }
  const int percent = debug::SetGCPercent(-1);
  const uint64_t collections = CollectionLog::Next();
  for (int i = 0; i < kObjects; ++i) {
    kept.push_back(New<Node>(nullptr, i));
    SetFinalizer(kept.back(), [](Node*) { finalized += 1000000; });
    weak.emplace_back(kept.back());
  }
  EXPECT_EQ(CollectionLog::Next(), collections);
  GC();
  MemStats after;
  ReadMemStats(&after);
  // Some word of the stack may have lost, or found, a small object.
  EXPECT_NEAR(static_cast<double>(after.HeapObjects - before.HeapObjects), kObjects, 50);
  EXPECT_NEAR(static_cast<double>(after.HeapAlloc - before.HeapAlloc), kObjects * sizeof(Node),
              64e3);
  for (Node*& node : kept) SetFinalizer(std::exchange(node, nullptr), nullptr);
  debug::SetGCPercent(percent);
}

// --- What ends the program ---

Node global_node;

TEST(FinalizerDeathTest, WhatNewDidNotReturnIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto set = [](auto* object) { SetFinalizer(object, [](auto*) {}); };
  EXPECT_EXIT(set(static_cast<Node*>(nullptr)), testing::ExitedWithCode(2),
              "fatal error: runtime.SetFinalizer: first argument is nil");
  EXPECT_EXIT(set(&global_node), testing::ExitedWithCode(2),
              "fatal error: runtime.SetFinalizer: pointer .* not in heap");
  EXPECT_EXIT(set(&MakeSlice<Node>(10)[1]), testing::ExitedWithCode(2),
              "fatal error: runtime.SetFinalizer: pointer .* not at beginning of allocated block");
}

TEST(FinalizerDeathTest, ASecondOneIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Node* node = New<Node>();
  SetFinalizer(node, [](Node*) {});
  EXPECT_EXIT(SetFinalizer(node, [](Node*) {}), testing::ExitedWithCode(2),
              "fatal error: runtime.SetFinalizer: finalizer already set");
  SetFinalizer(node, nullptr);
}

[[noreturn]] void CollectForAMinute() {
  for (int i = 0; i < 6000; ++i) {
    GC();
    usleep(10'000);
  }
  std::_Exit(0);
}

TEST(FinalizerDeathTest, AnExceptionThatLeavesOneEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto drop = [](void (*finalizer)(Node*)) {
    for (int i = 0; i < 100; ++i) SetFinalizer(New<Node>(), finalizer);
    CollectForAMinute();
  };
  EXPECT_EXIT(drop([](Node*) { throw std::runtime_error("no such file"); }),
              testing::KilledBySignal(SIGABRT),
              "fatal error: a finalizer or cleanup has thrown an exception: no such file");
  EXPECT_EXIT(drop([](Node*) { throw 5; }), testing::KilledBySignal(SIGABRT),
              "fatal error: a finalizer or cleanup has thrown an exception\n");
}

std::atomic<int> begun{0};

[[noreturn]] void ExitWhileOneRuns(void (*finalizer)(Node*)) {
  for (int i = 0; i < 100; ++i) SetFinalizer(New<Node>(), finalizer);
  GC();
  while (begun.load() == 0) usleep(1000);
  std::exit(3);
}

TEST(FinalizerDeathTest, TheEndOfTheProgramWaitsForTheOneThatRuns) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(ExitWhileOneRuns([](Node*) {
                ++begun;
                usleep(100'000);
                std::fprintf(stderr, "ended %d\n", begun.load());
              }),
              testing::ExitedWithCode(3), "^ended 1\n$");
  // But not for ever.
  EXPECT_EXIT(ExitWhileOneRuns([](Node*) {
                ++begun;
                while (true) pause();
              }),
              testing::ExitedWithCode(3), "^$");
  // And not for itself.
  EXPECT_EXIT(ExitWhileOneRuns([](Node*) {
                std::fprintf(stderr, "exits\n");
                std::exit(3);
              }),
              testing::ExitedWithCode(3), "^exits\n$");
}

}  // namespace
}  // namespace heapwise::runtime
