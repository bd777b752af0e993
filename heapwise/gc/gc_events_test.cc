#include "heapwise/gc/gc_events.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "heapwise/base/clock.h"
#include "heapwise/debug.h"
#include "heapwise/gc/forcer.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/modes.h"

namespace heapwise::runtime {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

// In a frame of its own, so that no pointer stays behind on the stack.
[[gnu::noinline]] void MakeGarbage() {
  for (int i = 0; i < 1000; ++i) MakeSlice<char>(1000);
}

TEST(CollectionLogTest, EveryCollectionIsLoggedOnceAndInOrder) {
  const uint64_t since = CollectionLog::Next();
  for (int i = 0; i < 5; ++i) {
    MakeGarbage();
    GC();
  }
  const CollectionLog::Slice slice = CollectionLog::Since(since);
  ASSERT_EQ(slice.collections.size(), 5u);
  EXPECT_EQ(slice.lost, 0u);
  EXPECT_EQ(slice.next, since + 5);
  double last_start = 0;
  for (size_t i = 0; i < 5; ++i) {
    const Collection& c = slice.collections[i];
    EXPECT_EQ(c.n, since + i + 1);
    EXPECT_TRUE(c.forced);
    EXPECT_EQ(std::string(c.kind), "full");
    EXPECT_GE(c.start_s, last_start);
    EXPECT_LE(c.start_s, SecondsSinceStart());
    EXPECT_LT(c.heap_after_bytes, c.heap_before_bytes);
    EXPECT_GT(c.goal_bytes, c.heap_after_bytes);
    EXPECT_GT(c.pause_ns, 0u);
    EXPECT_GE(c.pause_ns, c.stop_ns + c.mark_ns);
    EXPECT_EQ(c.pause_ns, c.max_pause_ns) << "one stop a cycle in this mode";
    EXPECT_GE(c.gc_cpu_ns, c.pause_ns);
    EXPECT_GT(c.globals_bytes, 0u);
    EXPECT_GT(c.stack_bytes, 0u);
    last_start = c.start_s;
  }
  EXPECT_TRUE(CollectionLog::Since(slice.next).collections.empty());
  EXPECT_TRUE(CollectionLog::Since(slice.next + 100).collections.empty());
}

TEST(CollectionLogTest, PacedCollectionsAreNotForced) {
  const uint64_t since = CollectionLog::Next();
  while (CollectionLog::Next() == since) MakeSlice<char>(1000);
  const Collection c = CollectionLog::Since(since).collections.at(0);
  EXPECT_FALSE(c.forced);
  EXPECT_LE(c.heap_before_bytes, c.goal_bytes);
}

TEST(CollectionTest, WhatNobodyFilledInIsZero) {
  const Collection c;
  EXPECT_EQ(c.start_s, 0.0);
  EXPECT_EQ(std::string(c.kind), "full");
  EXPECT_FALSE(c.forced);
  for (const uint64_t n : {c.n, c.heap_before_bytes, c.heap_after_bytes, c.goal_bytes, c.pause_ns,
                           c.max_pause_ns, c.stop_ns, c.mark_ns, c.concurrent_mark_ns, c.sweep_ns,
                           c.gc_cpu_ns, c.stack_bytes, c.globals_bytes}) {
    EXPECT_EQ(n, 0u);
  }
  const CollectionSlice slice;
  EXPECT_EQ(slice.lost, 0u);
  EXPECT_EQ(slice.next, 0u);
  const AllocCounters counters;
  EXPECT_EQ(counters.allocs, 0u);
  EXPECT_EQ(counters.bytes, 0u);
}

TEST(CollectionRingTest, KeepsTheNewestAndSaysWhatItLost) {
  CollectionRing ring(8);
  const auto since = [&ring](uint64_t index) {
    CollectionSlice slice;
    ring.CopySince(index, slice);
    return slice;
  };
  EXPECT_EQ(since(0).next, 0u);
  EXPECT_EQ(ring.CountSince(0), 0u);
  for (uint64_t n = 1; n <= 20; ++n) {
    Collection c;
    c.n = n;
    ring.Add(c);
  }
  EXPECT_EQ(ring.next(), 20u);
  const CollectionSlice all = since(0);
  EXPECT_EQ(all.lost, 12u);
  EXPECT_EQ(all.next, 20u);
  ASSERT_EQ(all.collections.size(), 8u);
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(all.collections[i].n, 13 + i);
  EXPECT_EQ(since(12).lost, 0u);
  EXPECT_EQ(since(12).collections.size(), 8u);
  for (const uint64_t index : {0u, 12u, 13u, 19u, 20u, 1000u}) {
    EXPECT_EQ(ring.CountSince(index), since(index).collections.size()) << index;
  }
  ASSERT_EQ(since(19).collections.size(), 1u);
  EXPECT_EQ(since(19).collections[0].n, 20u);
  EXPECT_TRUE(since(20).collections.empty());
  EXPECT_TRUE(since(1000).collections.empty());
  EXPECT_EQ(since(1000).lost, 0u);
}

TEST(PeakHeapTest, IsTheGreatestSinceTheReset) {
  debug::SetGCPercent(-1);
  GC();
  ResetPeakHeap();
  const uint64_t start = PeakHeapBytes();
  MakeSlice<char>(20 * kMiB);
  GC();
  EXPECT_GE(PeakHeapBytes(), start + 20 * kMiB) << "the peak was before the collection";
  EXPECT_LT(PeakHeapBytes(), start + 21 * kMiB);
  ResetPeakHeap();
  EXPECT_LT(PeakHeapBytes(), start + 21 * kMiB);
  MakeSlice<char>(30 * kMiB);
  EXPECT_GE(PeakHeapBytes(), 30 * kMiB) << "and counts what no collection has seen yet";
  debug::SetGCPercent(100);
  GC();
}

TEST(GcCpuTest, IsTheSumOverTheLog) {
  const uint64_t since = CollectionLog::Next();
  const uint64_t before = GcCpuNanos();
  for (int i = 0; i < 10; ++i) GC();
  uint64_t sum = 0;
  for (const Collection& c : CollectionLog::Since(since).collections) sum += c.gc_cpu_ns;
  EXPECT_EQ(GcCpuNanos() - before, sum);
}

// Whether a collection with index >= since comes; gives up after half a minute, on the most loaded of machines.
bool CollectionComes(uint64_t since) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (CollectionLog::Next() <= since && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return CollectionLog::Next() > since;
}

TEST(ForcedCollectionTest, HappensAfterThePeriodUnlessOff) {
  GC();
  const uint64_t forced = ReadHeapCounters().num_forced_gc;
  internal::SetForcePeriod(std::chrono::milliseconds(20));
  const uint64_t since = CollectionLog::Next();
  ASSERT_TRUE(CollectionComes(since));
  EXPECT_FALSE(CollectionLog::Since(since).collections.at(0).forced) << "nobody asked for it";
  EXPECT_EQ(ReadHeapCounters().num_forced_gc, forced);
  internal::SetForcePeriod(std::chrono::minutes(2));

  debug::SetGCPercent(-1);
  internal::SetForcePeriod(std::chrono::milliseconds(1));
  const uint64_t off = CollectionLog::Next();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(CollectionLog::Next(), off);
  debug::SetGCPercent(100);
  EXPECT_TRUE(CollectionComes(off)) << "the period had passed while it was off";
  internal::SetForcePeriod(std::chrono::minutes(2));
}

// A program of its own, as this one has collected.
TEST(ForcedCollectionTest, NotBeforeTheFirst) {
  const auto in_a_new_program = [] {
    internal::SetForcePeriod(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (CollectionLog::Next() != 0) std::_Exit(1);
    GC();
    std::_Exit(CollectionComes(1) ? 0 : 2);
  };
  const std::string style = GTEST_FLAG_GET(death_test_style);
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(in_a_new_program(), testing::ExitedWithCode(0), "");
  GTEST_FLAG_SET(death_test_style, style);
}

TEST(ForcedCollectionTest, NoChangeOfThePeriodGoesUnnoticed) {
  GC();
  for (int i = 0; i < 300; ++i) {
    internal::SetForcePeriod(std::chrono::hours(1));
    const uint64_t since = CollectionLog::Next();
    internal::SetForcePeriod(std::chrono::microseconds(1));
    ASSERT_TRUE(CollectionComes(since)) << "change " << i;
  }
  internal::SetForcePeriod(std::chrono::minutes(2));
}

// This program once more, with gctrace, into a pipe that is full and that nobody reads.
TEST(GctraceOutputTest, AFullPipeDoesNotHoldUpTheProgram) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  const std::string block(4096, '.');
  while (write(ends[1], block.data(), block.size()) > 0) {
  }
  ASSERT_EQ(fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) & ~O_NONBLOCK), 0);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    setenv("GODEBUG", "gctrace=1", 1);
    dup2(ends[1], STDERR_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execl("/proc/self/exe", "runtime_test", "--gtest_filter=CollectionLogTest.EveryCollection*",
          nullptr);
    _exit(127);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  close(ends[0]);
  close(ends[1]);
}

TEST(ModeTest, IsVisible) {
  EXPECT_EQ(CurrentMode(), Markers() > 1 ? Mode::kParallel : Mode::kStopTheWorld);
  EXPECT_EQ(std::string(ReadHeapCounters().mode), ModeName(CurrentMode()));
  EXPECT_EQ(ReadHeapCounters().markers, Markers());
}

}  // namespace
}  // namespace heapwise::runtime
