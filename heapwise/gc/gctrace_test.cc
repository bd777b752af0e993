#include "heapwise/gc/gctrace.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "heapwise/gc/pacer.h"

namespace heapwise::runtime {
namespace {

std::string Format(const Collection& collection, double gc_cpu_fraction, int processors) {
  char line[kGctraceLineBytes];
  return {line, FormatGctrace(collection, gc_cpu_fraction, processors, line)};
}

Collection Example() {
  Collection c;
  c.n = 7;
  c.start_s = 1.2345;
  c.heap_before_bytes = (uint64_t{33} << 20) + 999;
  c.heap_after_bytes = (uint64_t{17} << 20) - 1;
  c.goal_bytes = uint64_t{34} << 20;
  c.stop_ns = 22'400;
  c.pause_ns = 9'722'400;
  c.stack_bytes = 4096;
  c.globals_bytes = uint64_t{3} << 20;
  return c;
}

TEST(GctraceTest, Golden) {
  EXPECT_EQ(
      Format(Example(), 0.429, 2),
      "gc 7 @1.234s 42%: 0.022+0+9.7 ms clock, 0.044+0/0/0+19 ms cpu, 33->33->16 MB, 34 MB goal, "
      "0 MB stacks, 3 MB globals, 2 P\n");
}

TEST(GctraceTest, GoldenForced) {
  Collection c = Example();
  c.forced = true;
  c.start_s = 0.007;
  EXPECT_EQ(
      Format(c, 0, 8),
      "gc 7 @0.007s 0%: 0.022+0+9.7 ms clock, 0.17+0/0/0+77 ms cpu, 33->33->16 MB, 34 MB goal, "
      "0 MB stacks, 3 MB globals, 8 P (forced)\n");
}

TEST(GctraceTest, GoldenIncremental) {
  Collection c = Example();
  c.concurrent_mark_ns = 41'999'999;
  EXPECT_EQ(Format(c, 1, 2),
            "gc 7 @1.234s 100%: 0.022+41+9.7 ms clock, 0.044+41/0/0+19 ms cpu, 33->33->16 MB, 34 "
            "MB goal, "
            "0 MB stacks, 3 MB globals, 2 P\n");
}

TEST(GctraceTest, NoGoalPrintsAsInGoWithGogcOff) {
  Collection c = Example();
  c.goal_bytes = MemoryLimitHeapGoal(std::numeric_limits<int64_t>::max(), {});
  EXPECT_NE(Format(c, 0, 2).find(" 8532210231541 MB goal, "), std::string::npos);
}

// Two digits of precision under 10 ms, at most three decimals (fmtNSAsMS).
TEST(GctraceTest, Milliseconds) {
  const struct {
    uint64_t ns;
    const char* text;
  } kTable[] = {{0, "0"},           {999, "0"},           {1'000, "0.001"},
                {22'999, "0.022"},  {99'999, "0.099"},    {100'000, "0.10"},
                {999'999, "0.99"},  {1'000'000, "1.0"},   {9'999'999, "9.9"},
                {10'000'000, "10"}, {123'456'789, "123"}, {5'000'000'000, "5000"}};
  for (const auto& row : kTable) {
    Collection c;
    c.stop_ns = c.pause_ns = row.ns;
    EXPECT_NE(Format(c, 0, 1).find(std::string("%: ") + row.text + "+0+0 ms clock"),
              std::string::npos)
        << row.ns << " in " << Format(c, 0, 1);
  }
}

TEST(GctraceTest, TheLargestValuesFit) {
  Collection c;
  c.n = c.heap_before_bytes = c.heap_after_bytes = c.goal_bytes = c.stack_bytes = c.globals_bytes =
      ~uint64_t{0};
  c.concurrent_mark_ns = c.pause_ns = ~uint64_t{0};
  c.start_s = 1e15;
  c.forced = true;
  const std::string line = Format(c, 1, 2147483647);
  EXPECT_LT(line.size(), kGctraceLineBytes);
  EXPECT_EQ(line.substr(line.size() - 10), " (forced)\n");
}

}  // namespace
}  // namespace heapwise::runtime
