#include "benchmarks/runner/format/wording.h"

#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

TEST(WordingTest, RatiosInWords) {
  EXPECT_EQ(RatioWords(22.1), "22 times");
  EXPECT_EQ(RatioWords(2.4), "2.4 times");
  EXPECT_EQ(RatioWords(1.999), "2.0 times");
  EXPECT_EQ(RatioWords(1.0424), "1.04 times");
  EXPECT_EQ(RatioWords(0.42), "0.42 times");
  EXPECT_EQ(RatioWords(0.0421), "0.042 times");
  EXPECT_EQ(RatioWords(0.0000421), "0.000042 times");
  EXPECT_EQ(RatioWords(9.96), "10 times");
  EXPECT_EQ(RatioWords(243.4), "243 times");
  EXPECT_EQ(RatioWords(1234.5), "1,230 times");
  EXPECT_EQ(RatioWords(1234567), "1,230,000 times");
}

TEST(WordingTest, RatiosInNumbers) {
  const auto text = [](double estimate, double low, double high) {
    const RatioNumbers numbers = RatioInNumbers({estimate, low, high});
    return numbers.estimate + " " + numbers.low + " " + numbers.high;
  };
  EXPECT_EQ(text(22.13, 21.88, 22.61), "22.1 21.9 22.6");
  EXPECT_EQ(text(1.0481, 1.0212, 1.0767), "1.048 1.021 1.077");
  EXPECT_EQ(text(2.071, 1.985, 2.2), "2.07 1.99 2.20");
  EXPECT_EQ(text(0.4958, 0.4957, 0.4959), "0.496 0.496 0.496");
  EXPECT_EQ(text(0.01234, 0.01, 0.1), "0.0123 0.0100 0.100");
  EXPECT_EQ(text(1234.5, 900.4, 12345), "1,234 900 12,345");
  EXPECT_EQ(RatioNumber(22.13), "22.1");
}

TEST(WordingTest, Quantities) {
  const auto words = [](double value, const char* measure) {
    return QuantityWords(value, FindMeasure(measure, "call"));
  };
  EXPECT_EQ(words(0, "allocs_per_op"), "0 allocations");
  EXPECT_EQ(words(1, "allocs_per_op"), "1 allocation");
  EXPECT_EQ(words(1.5, "allocs_per_op"), "1.5 allocations");
  EXPECT_EQ(words(12345, "allocs_per_op"), "12,345 allocations");
  EXPECT_EQ(QuantityWords(1, {.name = "look_us", .label = "look", .unit = "µs"}), "1 µs");
  EXPECT_EQ(QuantityWords(2.75, {.name = "look_us", .label = "look", .unit = "µs"}), "2.75 µs");
  EXPECT_EQ(QuantityWords(1, {.name = "lost", .label = "lost", .unit = "lost pauses"}),
            "1 lost pause");
  EXPECT_EQ(words(1, "collections"), "1 collection");
  EXPECT_EQ(words(43.12, "time_ns"), "43.1 ns");
  EXPECT_EQ(words(1234, "time_ns"), "1.23 µs");
  EXPECT_EQ(words(12e6, "pause_max_ns"), "12 ms");
  EXPECT_EQ(words(7e10, "time_ns"), "70 s");
  EXPECT_EQ(words(32, "bytes_per_op"), "32 B");
  EXPECT_EQ(words(65536, "bytes_per_op"), "64 KiB");
  EXPECT_EQ(words(50e6, "peak_heap_bytes"), "47.7 MiB");
  EXPECT_EQ(words(0.123, "gc_cpu_fraction"), "12 %");
  EXPECT_EQ(words(74339.7, "ops_per_second"), "74,300 per second");
  EXPECT_EQ(words(3, "of_its_own"), "3");
}

TEST(WordingTest, Ranges) {
  const auto words = [](stats::Interval values, const char* measure) {
    return QuantityRange(values, FindMeasure(measure, "call"));
  };
  EXPECT_EQ(words({1.5, 1, 2}, "allocs_per_op"), "1.5 allocations (1 to 2)");
  EXPECT_EQ(words({18739, 10127, 1.1 * 1024 * 1024}, "bytes_per_op"),
            "18.3 KiB (9.89 KiB to 1.1 MiB)");
}

TEST(WordingTest, PercentsAndSeconds) {
  EXPECT_EQ(PercentWords(0), "0 %");
  EXPECT_EQ(PercentWords(0.0001), "under 0.1 %");
  EXPECT_EQ(PercentWords(0.006), "0.6 %");
  EXPECT_EQ(PercentWords(0.0994), "9.9 %");
  EXPECT_EQ(PercentWords(0.12), "12 %");
  EXPECT_EQ(SecondsWords(7.6), "8 s");
  EXPECT_EQ(SecondsWords(-1), "0 s");
  EXPECT_EQ(SecondsWords(80), "1 min 20 s");
}

TEST(WordingTest, FillsEveryEstimate) {
  EXPECT_EQ(FillEstimate("a {estimate} b {estimate}", "2.4 times"), "a 2.4 times b 2.4 times");
  EXPECT_EQ(FillEstimate("none", "2.4 times"), "none");
}

}  // namespace
}  // namespace heapwise::runner
