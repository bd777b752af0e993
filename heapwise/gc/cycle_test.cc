#include "heapwise/gc/cycle.h"

#include <link.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <regex>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/gc/log.h"
#include "heapwise/gc/pacer.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/modes.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

extern char __data_start;  // the linker's: where this program's data begins
extern char _end;          // and where its bss ends

namespace heapwise::runtime {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

Collection Collect() {
  GC();
  return CollectionLog::Since(CollectionLog::Next() - 1).collections.at(0);
}

TEST(CycleTest, TheCpuTimeIsThePauseForEachMarkerAndTheRest) {
  const Collection c = Collect();
  EXPECT_EQ(c.gc_cpu_ns,
            c.pause_ns * static_cast<uint64_t>(std::min(Markers(), Processors())) + c.sweep_ns);
  EXPECT_EQ(c.concurrent_mark_ns, 0u);
  EXPECT_GT(c.sweep_ns, 0u);
  EXPECT_GT(c.mark_ns, 0u);
  EXPECT_GT(c.stop_ns, 0u);
}

// A MiB in small pieces: an old address on the stack may keep one of them.
[[gnu::noinline]] void DropGarbage() {
  for (int i = 0; i < 1024; ++i) MakeSlice<char>(1023);
}

TEST(CycleTest, WhatSurvivesIsTheLiveHeap) {
  // What the library keeps for itself survives too, and was never counted in: by garbage of more than that, which is
  // there when each of the two collections begins, the live heap comes down to what survives.
  DropGarbage();
  const uint64_t before = Collect().heap_after_bytes;
  const std::span<char> live = MakeSlice<char>(3 * kMiB - 1);
  DropGarbage();
  const Collection c = Collect();
  // Some word of the stack may have lost, or found, a small object.
  EXPECT_NEAR(static_cast<double>(c.heap_after_bytes), static_cast<double>(before + 3 * kMiB),
              64e3);
  EXPECT_GE(c.heap_before_bytes, c.heap_after_bytes);
  EXPECT_EQ(internal::HeapMarked(), c.heap_after_bytes);
  EXPECT_EQ(ReadHeapCounters().heap_live, c.heap_after_bytes) << "nothing was allocated since";
  EXPECT_EQ(live[0], 0);
}

// Counted again, by what is still marked of the kinds that the program's objects have.
TEST(CycleTest, SurvivorsAreCountedOneByOne) {
  MakeSlice<char>(3000);
  struct Marked {
    int scanned_kind = GC_get_kind_and_size(MakeSlice<char*>(1).data(), nullptr);
    int pointer_free_kind = GC_get_kind_and_size(MakeSlice<char>(1).data(), nullptr);
    uint64_t objects = 0;
    uint64_t bytes = 0;
    uint64_t others = 0;
  } marked;
  const Collection c = Collect();
  {
    const internal::AllocLock lock;
    GC_enumerate_reachable_objects_inner(
        [](void* object, size_t bytes, void* sum) {
          auto& m = *static_cast<Marked*>(sum);
          const int kind = GC_get_kind_and_size(object, nullptr);
          if (kind != m.scanned_kind && kind != m.pointer_free_kind) {
            ++m.others;
            return;
          }
          ++m.objects;
          m.bytes += bytes;
        },
        &marked);
  }
  EXPECT_EQ(internal::Totals().objects_marked, marked.objects);
  EXPECT_EQ(c.heap_after_bytes, marked.bytes);
  EXPECT_GT(marked.others, 0u) << "the main thread's free lists, at least";
}

// A library's code is not among them, which is a few MiB.
TEST(CycleTest, GlobalsAreDataAndBss) {
  const auto own = static_cast<uint64_t>(&_end - &__data_start);
  EXPECT_GE(Collect().globals_bytes, own);
  EXPECT_LT(Collect().globals_bytes, own + kMiB);
}

TEST(CycleTest, AnAskedForCollectionLeavesTheNextOneUnasked) {
  EXPECT_TRUE(Collect().forced);
  const uint64_t forced = internal::Totals().num_forced;
  const uint64_t since = CollectionLog::Next();
  while (CollectionLog::Next() < since + 2) MakeSlice<char>(100'000);
  for (const Collection& c : CollectionLog::Since(since).collections) EXPECT_FALSE(c.forced);
  EXPECT_EQ(internal::Totals().num_forced, forced);
}

// A stack counts as much as the heap does: in use at the thread's last visit to the slow path, which a large object is.
[[gnu::noinline]] Collection CollectDeepDown() {
  auto* const room = static_cast<volatile char*>(__builtin_alloca(6 * kMiB));
  room[0] = 1;
  MakeSlice<char>(10'000);
  return Collect();
}

TEST(CycleTest, StacksAndGlobalsRaiseTheGoal) {
  const Collection shallow = Collect();
  EXPECT_LT(shallow.stack_bytes, kMiB);
  const Collection deep = CollectDeepDown();
  EXPECT_GE(deep.stack_bytes, 6 * kMiB);
  EXPECT_LT(deep.stack_bytes, 7 * kMiB);
  EXPECT_EQ(ReadHeapCounters().heap_goal,
            std::max(HeapGoal(100, deep.heap_after_bytes, deep.stack_bytes, deep.globals_bytes),
                     deep.heap_after_bytes + kMinHeapDistance));
  MakeSlice<char>(10'000);  // up here again
  EXPECT_LT(Collect().stack_bytes, kMiB);
}

TEST(CycleTest, AGoalIsAtLeastAMebibyteAway) {
  debug::SetGCPercent(0);
  GC();
  EXPECT_EQ(ReadHeapCounters().heap_goal, internal::HeapMarked() + kMinHeapDistance);
  debug::SetGCPercent(100);
}

// Those that bdwgc has started, by their names.
TEST(CycleTest, ThereAreAsManyMarkersAsItIsSaid) {
  int markers = 1;  // whoever collects
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    markers += test::ReadFile(task.path() / "comm").starts_with("GC-marker") ? 1 : 0;
  }
  EXPECT_EQ(markers, Markers());
}

TEST(CycleTest, TheGoalIsWhatItWasBefore) {
  GC();
  const uint64_t goal = ReadHeapCounters().heap_goal;
  EXPECT_EQ(Collect().goal_bytes, goal);
}

TEST(CycleTest, NoneIsOpenBetweenCollections) {
  GC();
  EXPECT_FALSE(internal::CycleIsOpen());
  EXPECT_FALSE(internal::MarkingInSteps());
}

TEST(ClockTest, SecondsAreNanosecondsSinceTheProcessBegan) {
  const auto since_start = [] {
    return static_cast<double>(MonotonicNanos() - ProcessStartNanos()) * 1e-9;
  };
  const double before = since_start();
  const double seconds = SecondsSinceStart();
  EXPECT_LE(before, seconds);
  EXPECT_LE(seconds, since_start());
  EXPECT_GT(before, 0.0);
  // CLOCK_MONOTONIC counts from when the machine was started, at the same pace as the other clock.
  const uint64_t monotonic = MonotonicNanos();
  const uint64_t unix = UnixNanos();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_GE(MonotonicNanos() - monotonic, 20'000'000u);
  EXPECT_GE(UnixNanos() - unix, 10'000'000u);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(static_cast<double>(UnixNanos()) * 1e-9, std::chrono::duration<double>(now).count(),
              60);
}

TEST(LogTest, TheTotalsAreOfAllCollections) {
  const internal::CollectorTotals before = internal::Totals();
  const uint64_t since = CollectionLog::Next();
  for (int i = 0; i < 5; ++i) GC();
  uint64_t pauses = 0;
  uint64_t longest = before.max_pause_ns;
  for (const Collection& c : CollectionLog::Since(since).collections) {
    pauses += c.pause_ns;
    longest = std::max(longest, c.max_pause_ns);
  }
  const internal::CollectorTotals after = internal::Totals();
  EXPECT_EQ(after.num_gc, before.num_gc + 5);
  EXPECT_EQ(after.num_forced, before.num_forced + 5);
  EXPECT_EQ(after.pause_total_ns, before.pause_total_ns + pauses);
  EXPECT_EQ(after.max_pause_ns, longest);
  // Of the time up to the end of the last collection, which was a moment ago.
  const double available = SecondsSinceStart() * 1e9 * Processors();
  EXPECT_GE(after.gc_cpu_fraction, static_cast<double>(after.gc_cpu_ns) / available);
  EXPECT_LE(after.gc_cpu_fraction, 1);
  const double age = static_cast<double>(UnixNanos() - after.last_gc_unix_ns) * 1e-9;
  EXPECT_GE(age, 0);
  EXPECT_LT(age, 60);
}

TEST(LogTest, AMarkStepMayBeTheLongestPause) {
  const uint64_t longest = internal::Totals().max_pause_ns;
  internal::NotePause(longest + 7);
  EXPECT_EQ(ReadHeapCounters().max_pause_ns, longest + 7);
  internal::NotePause(3);
  EXPECT_EQ(ReadHeapCounters().max_pause_ns, longest + 7);
}

// This program once more, of which the first test makes a collection.
std::vector<std::string> TraceLines(const char* godebug) {
  const test::Ran ran = test::Execute(
      {std::filesystem::read_symlink("/proc/self/exe"), "--gtest_filter=CycleTest.TheCpuTime*"},
      {.environment = {{"GODEBUG", godebug}}});
  EXPECT_EQ(ran.status, 0) << ran.output;
  std::vector<std::string> lines;
  std::istringstream in(ran.output);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("gc ")) lines.push_back(line);
  }
  return lines;
}

TEST(GctraceOutputTest, EachCollectionIsALineWhereItIsAskedFor) {
  const std::vector<std::string> lines = TraceLines("gctrace=1");
  ASSERT_EQ(lines.size(), 1u);
  const std::regex form(
      R"(gc 1 @[0-9.]+s [0-9]+%: .* ms clock, .* ms cpu, [0-9]+->[0-9]+->[0-9]+ MB, [0-9]+ MB goal, )"
      R"([0-9]+ MB stacks, [0-9]+ MB globals, [0-9]+ P \(forced\))");
  EXPECT_TRUE(std::regex_match(lines[0], form)) << lines[0];
  EXPECT_TRUE(TraceLines("gctrace=0").empty());
  EXPECT_TRUE(TraceLines("").empty());
}

}  // namespace
}  // namespace heapwise::runtime
