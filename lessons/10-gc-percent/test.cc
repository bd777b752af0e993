#include <cstdint>
#include <map>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "gtest/gtest.h"
#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/pacer.h"
#include "heapwise/heap.h"
#include "lessons/10-gc-percent/lesson.h"

namespace {

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::debug::SetGCPercent;
using heapwise::runtime::Collection;
using heapwise::runtime::CollectionLog;
using heapwise::runtime::HeapGoal;
using heapwise::runtime::Trigger;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kNodeBytes = 32;
constexpr uint64_t kRequestBytes = kRequestNodes * kNodeBytes;
constexpr uint64_t kGarbageBytes = kRequests * kRequestBytes;

struct Served {
  LiveHeap heap;
  std::vector<Collection> collections;
  int64_t requests_with_collection = 0;
  uint64_t peak_heap_bytes = 0;
};

// Serves the benchmarks' requests, from a freshly collected heap as they do.
Served Serve() {
  Served served;
  served.heap = CollectAndMeasure();
  heapwise::runtime::ResetPeakHeap();
  const uint64_t before = CollectionLog::Next();
  for (int64_t i = 0; i < kRequests; ++i) {
    const uint64_t collections = CollectionLog::Next();
    HandleRequest();
    if (CollectionLog::Next() != collections) ++served.requests_with_collection;
  }
  served.peak_heap_bytes = heapwise::runtime::PeakHeapBytes();
  served.collections = CollectionLog::Since(before).collections;
  return served;
}

// Each percentage is served once in a process: the tests share what came of it. (A process that collects most
// of its time meets the GC CPU limiter, as in Go, and then collects less often than it should.)
const Served& ServedAt(int percent) {
  static std::map<int, Served> served;
  if (!served.contains(percent)) {
    LoadCatalogue();
    SetGCPercent(percent);
    served[percent] = Serve();
  }
  return served[percent];
}

class GCPercent : public testing::Test {
 protected:
  void SetUp() override { SetGCPercent(100); }
  void TearDown() override {
    SetGCPercent(100);
    DropCatalogue();
  }
};

TEST_F(GCPercent, SlowAndFastServeTheSameCatalogueAndAnswerAlike) {
  for (const auto start_service : {slow::StartService, fast::StartService}) {
    start_service();
    EXPECT_EQ(CountCatalogue(), kCatalogueNodes);
    EXPECT_EQ(HandleRequest(), kRequestNodes);
  }
}

TEST_F(GCPercent, SlowSets50AndFast200) {
  slow::StartService();
  EXPECT_EQ(SetGCPercent(100), 50);
  fast::StartService();
  EXPECT_EQ(SetGCPercent(100), 200);
}

TEST_F(GCPercent, ARequestAllocatesItsNodesAndNothingElse) {
  const Allocations made = CountAllocations(HandleRequest);
  EXPECT_EQ(made.gc_allocs, static_cast<uint64_t>(kRequestNodes));
  EXPECT_EQ(made.gc_bytes, kRequestBytes);
  EXPECT_EQ(made.new_allocs, 0u);
}

TEST_F(GCPercent, FourTimesThePercentageIsAQuarterOfTheCollections) {
  EXPECT_EQ(ServedAt(50).collections.size(), 12u);
  EXPECT_EQ(ServedAt(200).collections.size(), 3u);
}

TEST_F(GCPercent, TheFormulaPredictsCollectionsAndPeakHeap) {
  for (const int percent : {50, 100, 200, 400}) {
    const Served& served = ServedAt(percent);
    const uint64_t live = served.heap.live_bytes;
    const uint64_t goal = HeapGoal(percent, live, served.heap.root_bytes, 0);
    const uint64_t trigger = Trigger(goal, live);
    EXPECT_EQ(served.collections.size(), kGarbageBytes / (trigger - live)) << percent;
    EXPECT_NEAR(static_cast<double>(served.peak_heap_bytes) / static_cast<double>(trigger), 1, 0.01)
        << percent;
    EXPECT_LE(served.peak_heap_bytes, goal) << percent;
  }
}

TEST_F(GCPercent, OffNeverCollectsAndKeepsAllGarbage) {
  EXPECT_EQ(ServedAt(-1).collections.size(), 0u);
  EXPECT_GE(ServedAt(-1).peak_heap_bytes, kGarbageBytes);
}

TEST_F(GCPercent, ALowerPercentageActsAtOnce) {
  fast::StartService();
  heapwise::runtime::GC();
  for (int i = 0; i < kRequests / 5; ++i) HandleRequest();  // the heap more than doubles
  const uint64_t before = CollectionLog::Next();
  HandleRequest();
  EXPECT_EQ(CollectionLog::Next(), before);
  SetGCPercent(50);
  HandleRequest();
  EXPECT_EQ(CollectionLog::Next(), before + 1);
}

// Why the tutorial is wrong about tail latency: p99.9 is the time of a collection exactly when more than one
// request in a thousand meets one.
TEST_F(GCPercent, MoreThanOneRequestInAThousandMeetsACollectionAt50ButNotAt200) {
  EXPECT_GT(ServedAt(50).requests_with_collection * 1000, kRequests);
  EXPECT_LT(ServedAt(200).requests_with_collection * 1000, kRequests);
}

// And why a low percentage makes no collection shorter: there is as much to mark.
TEST_F(GCPercent, EveryCollectionFindsTheSameLiveHeap) {
  for (const int percent : {50, 200}) {
    EXPECT_GE(ServedAt(percent).heap.live_bytes, kCatalogueNodes * kNodeBytes);
    for (const Collection& collection : ServedAt(percent).collections) {
      EXPECT_NEAR(static_cast<double>(collection.heap_after_bytes), kCatalogueNodes * kNodeBytes,
                  4 * kRequestBytes);
    }
  }
}

TEST(Exercise, TheGoalFillsTheBudgetToThePercent) {
  for (const uint64_t live : {6 * kMiB, 16 * kMiB, 100 * kMiB, 1000 * kMiB}) {
    for (const uint64_t budget : {live + live / 10, live + live / 2, 3 * live, 10 * live}) {
      const int percent = exercise::GCPercentFor(live, kMiB, budget);
      ASSERT_LE(HeapGoal(percent, live, kMiB, 0), budget)
          << percent << " is too high for a budget of " << budget << ", of which " << live
          << " live";
      ASSERT_GT(HeapGoal(percent + 1, live, kMiB, 0), budget)
          << percent << " is too low for a budget of " << budget << ", of which " << live
          << " live";
    }
  }
}

TEST(Exercise, ATinyLiveHeapHasTheLeastGoalToRespect) {
  EXPECT_EQ(exercise::GCPercentFor(10 << 10, 100 << 10, 8 * kMiB), 200);
}

TEST(Exercise, ABudgetThatCannotBeKeptGivesTheLowestPercentage) {
  EXPECT_EQ(exercise::GCPercentFor(16 * kMiB, kMiB, 16 * kMiB), 1);
  EXPECT_EQ(exercise::GCPercentFor(16 * kMiB, kMiB, 1 * kMiB), 1);
  EXPECT_EQ(exercise::GCPercentFor(16 * kMiB, kMiB, 16 * kMiB + 1), 1);
}

TEST(Exercise, TheServiceStaysWithinTheBudgetAndCollectsNoMoreThanItMust) {
  constexpr uint64_t kBudget = 40 * kMiB;
  const int percent = exercise::StartServiceWithin(kBudget);
  EXPECT_EQ(CountCatalogue(), kCatalogueNodes);
  EXPECT_EQ(SetGCPercent(percent), percent);
  const Served served = Serve();
  // A request that is under way when a collection comes counts as live and raises the next goal a little.
  EXPECT_LE(served.peak_heap_bytes, kBudget + 4 * kRequestBytes);
  // 24 MiB are left for garbage: the requests fill them four times.
  EXPECT_LE(served.collections.size(), 4u);
  SetGCPercent(100);
  DropCatalogue();
}

}  // namespace
