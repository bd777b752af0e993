#include <cstdint>
#include <cstdlib>

#include "benchmarks/harness/alloc_counter.h"
#include "gtest/gtest.h"
#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/pacer.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "lessons/11-memory-limit/lesson.h"

namespace {

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::debug::SetGCPercent;
using heapwise::debug::SetMemoryLimit;
using heapwise::runtime::CollectionLog;
using heapwise::runtime::ReadHeapCounters;

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kLimiterRetryBytes = heapwise::runtime::kLimiterRetryBytes;
constexpr int64_t kRequestBytes = kRequestNodes * 32;

void SetDefaults() {
  SetGCPercent(100);
  SetMemoryLimit(kNoLimit);
  DropCatalogue();
}

void StartServiceUnder(int64_t limit) {
  SetGCPercent(-1);
  SetMemoryLimit(limit);
  LoadCatalogue();
}

// Serves so many requests, from a freshly collected heap as the benchmarks do. Returns the number of
// collections.
int64_t Serve(int64_t requests) {
  heapwise::runtime::GC();
  const uint64_t before = CollectionLog::Next();
  for (int64_t i = 0; i < requests; ++i) HandleRequest();
  return static_cast<int64_t>(CollectionLog::Next() - before);
}

// The fewest collections with which this limit can be kept: the garbage over the room beside what lives.
int64_t FewestCollections(int64_t limit) {
  return kRequests * kRequestBytes / (limit - kLiveBytes);
}

class MemoryLimit : public testing::Test {
 protected:
  void SetUp() override { SetDefaults(); }
  void TearDown() override { SetDefaults(); }
};

TEST_F(MemoryLimit, SlowAndFastServeTheSameCatalogueAndAnswerAlike) {
  for (const auto start_service : {slow::StartService, fast::StartService}) {
    start_service();
    EXPECT_EQ(CountCatalogue(), kCatalogueNodes);
    EXPECT_EQ(HandleRequest(), kRequestNodes);
  }
}

TEST_F(MemoryLimit, SlowHasNoLimitAndFastHasTheBudgetAndNoPercentage) {
  fast::StartService();
  EXPECT_EQ(SetMemoryLimit(-1), 24 * kMiB);
  EXPECT_EQ(SetGCPercent(-1), -1);
  slow::StartService();
  EXPECT_EQ(SetMemoryLimit(-1), kNoLimit);
  EXPECT_EQ(SetGCPercent(100), 100);
}

TEST_F(MemoryLimit, ARequestAllocatesItsNodesAndNothingElse) {
  const Allocations made = CountAllocations(HandleRequest);
  EXPECT_EQ(made.gc_allocs, static_cast<uint64_t>(kRequestNodes));
  EXPECT_EQ(made.gc_bytes, static_cast<uint64_t>(kRequestBytes));
  EXPECT_EQ(made.new_allocs, 0u);
}

TEST_F(MemoryLimit, ANegativeLimitReadsAndAnyOtherIsSetAndReturnsTheOldOne) {
  EXPECT_EQ(DescribeMemoryLimit(), "no memory limit");
  EXPECT_EQ(SetMemoryLimit(512 * kMiB), kNoLimit);
  EXPECT_EQ(DescribeMemoryLimit(), "memory limit: 512 MiB");
  EXPECT_EQ(SetMemoryLimit(-1), 512 * kMiB);
  EXPECT_EQ(SetMemoryLimit(kNoLimit), 512 * kMiB);
  EXPECT_EQ(DescribeMemoryLimit(), "no memory limit");
}

// The lowest first: memory that a process has once taken it mostly keeps.
TEST_F(MemoryLimit, ALimitWithRoomIsUsedAndHeldAndWithoutOneTheBudgetIsExceeded) {
  int64_t last = kRequests;
  for (const int64_t limit : {kBudgetBytes, 2 * kLiveBytes, 4 * kLiveBytes}) {
    const uint64_t limited = ReadHeapCounters().limited;
    StartServiceUnder(limit);
    const int64_t collections = Serve(kRequests);
    // The GC CPU limiter goes by the clock: where other programs slow the collector down it puts collections off, each
    // for so many bytes. It has a say in the lowest of these limits only.
    const int64_t put_off = static_cast<int64_t>(ReadHeapCounters().limited - limited);
    if (limit > kBudgetBytes) {
      EXPECT_EQ(put_off, 0) << limit;
    }
    EXPECT_LE(PeakMemory(), limit + limit / 100 + put_off * kLimiterRetryBytes) << limit;
    EXPECT_GE(PeakMemory(), limit / 10 * 9) << limit;
    EXPECT_GE(collections + put_off, FewestCollections(limit)) << limit;
    EXPECT_LT(collections, last) << limit << ": more room, fewer collections";
    EXPECT_EQ(CountCatalogue(), kCatalogueNodes);
    last = collections;
  }
  SetDefaults();
  slow::StartService();
  Serve(kRequests);
  EXPECT_GT(PeakMemory(), kBudgetBytes * 5 / 4);
}

TEST_F(MemoryLimit, BelowTheLiveHeapItIsExceededAndEachRequestIsCollectedForAgainAndAgain) {
  LoadCatalogue();
  SetGCPercent(-1);
  SetMemoryLimit(kLiveBytes * 3 / 4);
  EXPECT_GE(Serve(5), 5);
  EXPECT_GT(PeakMemory(), kLiveBytes);
  EXPECT_EQ(CountCatalogue(), kCatalogueNodes);
}

TEST(MalformedLimit, EndsTheProgramWithAMessage) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";  // starts the program anew
  setenv("GOMEMLIMIT", "512MB", 1);
  EXPECT_EXIT(std::exit(0), testing::ExitedWithCode(2),
              "GOMEMLIMIT=512MB\nfatal error: malformed GOMEMLIMIT");
  unsetenv("GOMEMLIMIT");
}

class Exercise : public MemoryLimit {};

TEST_F(Exercise, TheLimitIsWhatOthersLeaveOfTheContainer) {
  EXPECT_EQ(exercise::MemoryLimitFor(512 * kMiB, 62 * kMiB, kNoLimit), 450 * kMiB);
  EXPECT_EQ(exercise::MemoryLimitFor(512 * kMiB, 0, kNoLimit), 512 * kMiB);
  EXPECT_EQ(exercise::MemoryLimitFor(512 * kMiB, 600 * kMiB, kNoLimit), 0);
}

TEST_F(Exercise, ALowerLimitThatIsSetAlreadyStays) {
  EXPECT_EQ(exercise::MemoryLimitFor(512 * kMiB, 62 * kMiB, 300 * kMiB), 300 * kMiB);
  EXPECT_EQ(exercise::MemoryLimitFor(512 * kMiB, 62 * kMiB, 500 * kMiB), 450 * kMiB);
  SetMemoryLimit(40 * kMiB);
  EXPECT_TRUE(exercise::StartServiceIn(72 * kMiB, 8 * kMiB));
  EXPECT_EQ(SetMemoryLimit(-1), 40 * kMiB);
}

TEST_F(Exercise, WhereTheLimitIsTooNearNothingIsStartedAndNothingChanges) {
  EXPECT_FALSE(exercise::StartServiceIn(31 * kMiB, 8 * kMiB));
  EXPECT_EQ(CountCatalogue(), 0);
  EXPECT_EQ(SetMemoryLimit(-1), kNoLimit);
  EXPECT_EQ(SetGCPercent(100), 100);
}

TEST_F(Exercise, TheServiceFillsItsShareAndCollectsNoMoreThanItMust) {
  ASSERT_TRUE(exercise::StartServiceIn(72 * kMiB, 8 * kMiB));
  EXPECT_EQ(CountCatalogue(), kCatalogueNodes);
  EXPECT_EQ(SetMemoryLimit(-1), 64 * kMiB);
  const int64_t collections = Serve(kRequests);
  EXPECT_LE(PeakMemory(), 64 * kMiB * 101 / 100);
  EXPECT_LE(collections, FewestCollections(64 * kMiB) + 1);
}

// Last, since it fills the limiter's bucket, a second of CPU time for each processor: from here on this
// process puts off collections.
TEST(DeathSpiral, TheLimiterPutsCollectionsOffAndTheProgramGoesOn) {
  SetDefaults();
  StartServiceUnder(kLiveBytes * 3 / 4);
  const uint64_t put_off = ReadHeapCounters().limited;
  EXPECT_GT(put_off, 0u);
  EXPECT_LT(Serve(kRequests), kRequests) << "without the limiter it is several for each request";
  EXPECT_GT(ReadHeapCounters().limited, put_off);
  EXPECT_GT(PeakMemory(), kLiveBytes);
  EXPECT_EQ(CountCatalogue(), kCatalogueNodes);
  SetDefaults();
}

}  // namespace
