#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "gtest/gtest.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/gctrace.h"
#include "heapwise/heap.h"
#include "heapwise/modes.h"
#include "lessons/02-gc-phases/lesson.h"

namespace {

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::runtime::Collection;
using heapwise::runtime::CollectionLog;
using heapwise::runtime::CurrentMode;
using heapwise::runtime::GC;
using heapwise::runtime::Mode;

constexpr int kMib = 4;
constexpr int64_t kEntries = kMib * kEntriesPerMib - 1;
constexpr uint64_t kLiveBytes = kEntries * kEntryBytes;

bool IsMinor(const Collection& collection) { return std::string_view(collection.kind) == "minor"; }

// The collections of `requests` requests, from a freshly collected heap as in the benchmarks.
template <class Request>
std::vector<Collection> Serve(int requests, Request request) {
  GC();
  const uint64_t before = CollectionLog::Next();
  for (int i = 0; i < requests; ++i) request();
  return CollectionLog::Since(before).collections;
}

// The incremental mode cannot be left again. In a process that runs all of these tests, this suite
// has to come before the next one.
class WorldStopped : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(CurrentMode(), Mode::kIncremental); }
  void TearDown() override { DropCatalogue(); }
};

TEST_F(WorldStopped, ACatalogueHasAsManyEntriesAsFitInItsSize) {
  for (const int mib : {1, 4, 16}) {
    slow::StartService(mib);
    EXPECT_EQ(CountCatalogue().entries, mib * kEntriesPerMib - 1);
  }
}

TEST_F(WorldStopped, ARequestAllocatesItsNodesAndNothingElse) {
  slow::StartService(kMib);
  for (const auto request : {HandleRequest, HandleVisitingRequest}) {
    const Allocations made = CountAllocations(request);
    EXPECT_EQ(made.gc_allocs, static_cast<uint64_t>(kRequestNodes));
    EXPECT_EQ(made.gc_bytes, static_cast<uint64_t>(kRequestNodes * kEntryBytes));
    EXPECT_EQ(made.new_allocs, 0u);
  }
}

TEST_F(WorldStopped, OnlyAVisitingRequestWritesToTheCatalogue) {
  slow::StartService(kMib);
  HandleRequest();
  EXPECT_EQ(CountCatalogue().visits, 0);
  HandleVisitingRequest();
  EXPECT_EQ(CountCatalogue().visits, kVisitsPerRequest);
}

TEST_F(WorldStopped, EveryCollectionIsFullAndFindsAllThatLives) {
  slow::StartService(kMib);
  const std::vector<Collection> collections = Serve(1600, HandleRequest);
  EXPECT_GE(collections.size(), 3u);
  for (const Collection& collection : collections) {
    EXPECT_FALSE(IsMinor(collection));
    EXPECT_GE(collection.heap_after_bytes, kLiveBytes);
  }
}

TEST_F(WorldStopped, ACollectionIsOneStopAndMarksNothingWhileTheProgramRuns) {
  slow::StartService(kMib);
  for (const Collection& collection : Serve(1600, HandleRequest)) {
    EXPECT_EQ(collection.max_pause_ns, collection.pause_ns);
    EXPECT_GT(collection.mark_ns, 0u);
    EXPECT_EQ(collection.concurrent_mark_ns, 0u);
  }
}

class Incremental : public testing::Test {
 protected:
  void TearDown() override { DropCatalogue(); }
};

TEST_F(Incremental, SlowAndFastAnswerAlike) {
  for (const auto start_service : {slow::StartService, fast::StartService}) {
    start_service(kMib);
    EXPECT_EQ(CountCatalogue().entries, kEntries);
    EXPECT_EQ(HandleRequest(), kRequestNodes);
    EXPECT_EQ(HandleVisitingRequest(), kRequestNodes);
    EXPECT_EQ(CountCatalogue().visits, kVisitsPerRequest);
  }
}

TEST_F(Incremental, OneThreadMarks) {
  fast::StartService(kMib);
  EXPECT_EQ(CurrentMode(), Mode::kIncremental);
  EXPECT_EQ(heapwise::runtime::Markers(), 1);
}

TEST_F(Incremental, MostCollectionsAreMinorAndLoseNothing) {
  fast::StartService(kMib);
  const std::vector<Collection> collections = Serve(6400, HandleRequest);
  int minor = 0;
  for (const Collection& collection : collections) minor += IsMinor(collection) ? 1 : 0;
  EXPECT_GT(minor * 2, static_cast<int>(collections.size()));
  EXPECT_EQ(CountCatalogue().entries, kEntries);
}

TEST_F(Incremental, AForcedCollectionIsFull) {
  fast::StartService(kMib);
  GC();
  const Collection last = CollectionLog::Since(CollectionLog::Next() - 1).collections.front();
  EXPECT_TRUE(last.forced);
  EXPECT_FALSE(IsMinor(last));
}

// A minor collection must look into an old object that was written to since the last one: it may be
// all that holds a young object.
struct Young {
  Young* next;
  int64_t number;
};
std::span<Young*> old_table;

TEST_F(Incremental, AMinorCollectionKeepsWhatOnlyAnOldObjectHolds) {
  fast::StartService(kMib);
  old_table = heapwise::runtime::MakeSlice<Young*>(512);
  GC();  // from now on the table is old
  const uint64_t before = CollectionLog::Next();
  for (size_t i = 0; i < old_table.size(); ++i) {
    old_table[i] = heapwise::runtime::New<Young>(nullptr, static_cast<int64_t>(i));
  }
  while (CollectionLog::Next() < before + 2) HandleRequest();
  EXPECT_TRUE(IsMinor(CollectionLog::Since(before).collections.front()));
  for (size_t i = 0; i < old_table.size(); ++i) {
    EXPECT_EQ(old_table[i]->number, static_cast<int64_t>(i));
  }
  old_table = {};
}

// Printed by Go 1.19.8 for binary trees. The line between is not a trace's.
constexpr std::string_view kGoTrace =
    "gc 4 @0.082s 14%: 0.011+31+0.033 ms clock, 0.022+12/9.7/4.1+0.066 ms cpu, "
    "37->43->22 MB, 44 MB goal, 0 MB stacks, 0 MB globals, 2 P\n"
    "100 trees of depth 8\n"
    "gc 5 @0.125s 17%: 0.010+18+0.003 ms clock, 0.021+11/3.5/7.0+0.007 ms cpu, "
    "39->45->21 MB, 45 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)\n";

TEST(Exercise, ReadsALineOfGo) {
  const auto phases =
      exercise::ParseTraceLine(std::string(kGoTrace.substr(0, kGoTrace.find('\n'))));
  ASSERT_TRUE(phases);
  EXPECT_DOUBLE_EQ(phases->start_s, 0.082);
  EXPECT_DOUBLE_EQ(phases->stop_ms, 0.011);
  EXPECT_DOUBLE_EQ(phases->running_ms, 31);
  EXPECT_DOUBLE_EQ(phases->finish_ms, 0.033);
}

TEST(Exercise, ReadsALineOfOurs) {
  Collection collection;
  collection.n = 12;
  collection.start_s = 3.25;
  collection.stop_ns = 2'000;
  collection.pause_ns = 5'402'000;  // the stop included
  collection.concurrent_mark_ns = 12'000'000;
  char line[heapwise::runtime::kGctraceLineBytes];
  const size_t length = heapwise::runtime::FormatGctrace(collection, 0.05, 2, line);
  const auto phases = exercise::ParseTraceLine(std::string(line, length - 1));
  ASSERT_TRUE(phases);
  EXPECT_DOUBLE_EQ(phases->start_s, 3.25);
  EXPECT_DOUBLE_EQ(phases->stop_ms, 0.002);
  EXPECT_DOUBLE_EQ(phases->running_ms, 12);
  EXPECT_DOUBLE_EQ(phases->finish_ms, 5.4);
}

TEST(Exercise, TakesNothingElseForATraceLine) {
  const std::string whole(kGoTrace.substr(0, kGoTrace.find('\n')));
  for (const std::string& line :
       {std::string(), std::string("{\"num_gc\": 5}"), std::string("gc is short for garbage"),
        whole.substr(0, whole.find("+31")), whole.substr(0, whole.find(" ms clock")),
        "x" + whole}) {
    EXPECT_FALSE(exercise::ParseTraceLine(line)) << line;
  }
}

TEST(Exercise, OnlyTheTwoStopsCount) {
  // 0.057 ms stopped; the last collection ends 125 + 0.010 + 18 + 0.003 ms after the start.
  EXPECT_NEAR(exercise::StoppedShare(kGoTrace), 0.057 / 143.013, 1e-9);
}

TEST(Exercise, AProgramThatOnlyCollectsIsStoppedAllTheTime) {
  EXPECT_NEAR(exercise::StoppedShare("gc 1 @0.000s 99%: 1+0+9 ms clock, 1+0/0/0+9 ms cpu\n"), 1.0,
              1e-9);
}

TEST(Exercise, WithoutACollectionTheWorldWasNeverStopped) {
  EXPECT_EQ(exercise::StoppedShare(""), 0);
  EXPECT_EQ(exercise::StoppedShare("100 trees of depth 8\n"), 0);
  EXPECT_GT(exercise::StoppedShare(kGoTrace), 0);
}

}  // namespace
