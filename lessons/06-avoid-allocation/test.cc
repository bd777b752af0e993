#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "heapwise/heap.h"
#include "lessons/06-avoid-allocation/lesson.h"

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;

namespace {

const std::vector<std::string> kHundredPieces(100, std::string(100, 'x'));

TEST(Sum, SlowAndFastGiveTheSameSum) {
  for (const size_t size : {0, 1, 16, 1000, 65536}) {
    SCOPED_TRACE(size);
    std::vector<uint8_t> data(size);
    std::iota(data.begin(), data.end(), uint8_t{7});
    const int64_t expected = std::accumulate(data.begin(), data.end(), int64_t{0});
    EXPECT_EQ(fast::Sum(data), expected);
    EXPECT_EQ(*slow::Sum(data), expected);
  }
}

TEST(Sum, AllocatesOnceACallWhereItReturnsAPointerWhateverTheSize) {
  for (const size_t size : {0, 16, 65536}) {
    SCOPED_TRACE(size);
    const std::vector<uint8_t> data(size, 42);
    const auto slow = CountAllocations([&data] { slow::Sum(data); });
    EXPECT_EQ(slow.gc_allocs, 1u);
    EXPECT_EQ(slow.new_allocs, 0u);
    EXPECT_EQ(CountAllocations([&data] { fast::Sum(data); }).allocs(), 0u);
  }
}

TEST(Join, AllWaysGiveTheSameText) {
  const std::vector<std::string> pieces = {"alloc", "", "ation, ", "or none"};
  EXPECT_EQ(slow::Join(pieces), "allocation, or none");
  EXPECT_EQ(fast::Join(pieces), "allocation, or none");
  EXPECT_EQ(wrong::Join(pieces), "allocation, or none");
  EXPECT_EQ(fast::Join({}), "");
  EXPECT_EQ(fast::Join(kHundredPieces), slow::Join(kHundredPieces));
  EXPECT_EQ(fast::Join(kHundredPieces), wrong::Join(kHundredPieces));
}

// libstdc++: room for 15 characters inside the string itself, then 100, 200, 400, and so on to 12,800
// on the heap.
TEST(Join, AppendingOutgrowsTheBufferEightTimes) {
  EXPECT_EQ(CountAllocations([] { slow::Join(kHundredPieces); }).new_allocs, 8u);
}

TEST(Join, ReservingAllocatesOnce) {
  const Allocations made = CountAllocations([] { fast::Join(kHundredPieces); });
  EXPECT_EQ(made.new_allocs, 1u);
  EXPECT_EQ(made.new_bytes, 10'001u);  // and the terminating zero
}

TEST(Join, ShortTextsNeedNoHeapAtAll) {
  const std::vector<std::string> pieces = {"fifteen", " ", "letters"};
  EXPECT_EQ(CountAllocations([&pieces] { slow::Join(pieces); }).allocs(), 0u);
  EXPECT_EQ(CountAllocations([&pieces] { fast::Join(pieces); }).allocs(), 0u);
}

// Known wrong: text = text + piece copies everything for each piece, so the bytes grow with the
// square.
TEST(Join, ConcatenatingAllocatesForEachPiece) {
  const Allocations hundred = CountAllocations([] { wrong::Join(kHundredPieces); });
  EXPECT_GE(hundred.new_allocs, 99u);
  const std::span<const std::string> fifty = std::span(kHundredPieces).first(50);
  const Allocations half = CountAllocations([fifty] { wrong::Join(fifty); });
  EXPECT_GT(hundred.new_bytes, 3 * half.new_bytes);
}

TEST(Numbers, BothWaysCountUp) {
  std::vector<int64_t> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(slow::Numbers(1000), expected);
  EXPECT_EQ(fast::Numbers(1000), expected);
}

// libstdc++ doubles: 1, 2, 4, ... 1024 elements are 11 buffers of 2047 elements together.
TEST(Numbers, GrowingAllocatesOnceForEachDoubling) {
  const Allocations made = CountAllocations([] { slow::Numbers(1000); });
  EXPECT_EQ(made.new_allocs, 11u);
  EXPECT_EQ(made.new_bytes, 2047 * sizeof(int64_t));
  EXPECT_EQ(CountAllocations([] { slow::Numbers(1024); }).new_allocs, 11u);
  EXPECT_EQ(CountAllocations([] { slow::Numbers(1025); }).new_allocs, 12u);
}

TEST(Numbers, ReservingAllocatesOnce) {
  const Allocations made = CountAllocations([] { fast::Numbers(1000); });
  EXPECT_EQ(made.new_allocs, 1u);
  EXPECT_EQ(made.new_bytes, 1000 * sizeof(int64_t));
}

// Known wrong: reserve is no promise to grow generously. Asked for one more each time, it allocates
// each time.
TEST(Numbers, ReservingOneMoreEachTimeIsWorseThanNotReserving) {
  const Allocations made = CountAllocations([] {
    std::vector<int64_t> numbers;
    for (int64_t i = 0; i < 1000; ++i) {
      numbers.reserve(numbers.size() + 1);
      numbers.push_back(i);
    }
  });
  EXPECT_EQ(made.new_allocs, 1000u);
}

TEST(Exercise, PutsCommasBetweenTheFields) {
  EXPECT_EQ(exercise::ToCsv({}), "");
  EXPECT_EQ(exercise::ToCsv(std::vector<std::string>{"alone"}), "alone");
  EXPECT_EQ(exercise::ToCsv(std::vector<std::string>{"a", "b", "c"}), "a,b,c");
  EXPECT_EQ(exercise::ToCsv(std::vector<std::string>{"", "a", ""}), ",a,");
}

TEST(Exercise, AllocatesOnceForALineOfAnyLength) {
  for (const size_t count : {10, 100, 1000}) {
    SCOPED_TRACE(count);
    const std::vector<std::string> fields(count, "heapwise");
    EXPECT_EQ(CountAllocations([&fields] { exercise::ToCsv(fields); }).allocs(), 1u)
        << "reserve the whole line once, then only append";
  }
}

}  // namespace
