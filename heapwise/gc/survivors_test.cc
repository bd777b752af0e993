#include "heapwise/gc/survivors.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <vector>

#include "heapwise/base/bdwgc.h"
#include "heapwise/heap.h"

namespace heapwise::runtime::internal {
namespace {

struct Counts {
  Survivors by_block;
  Survivors by_object;
};

Counts CountBothWays() {
  GC();
  const AllocLock lock;
  return {CountSurvivors(), EnumerateSurvivors()};
}

TEST(SurvivorsTest, TheMarksAreFound) {
  GC();
  EXPECT_TRUE(MarksFound());
}

TEST(SurvivorsTest, BlocksHoldAsManyAsThereAreObjects) {
  // Sizes whose objects fill a block to its end, and sizes that leave a rest of it; one object a block, and several
  // blocks an object.
  std::vector<std::span<char>, Allocator<std::span<char>>> kept;
  for (size_t bytes = 1; bytes <= 20'000; bytes += bytes < 5000 ? 15 : 1111) {
    for (int i = 0; i < 20; ++i) {
      const std::span<char> object = MakeSlice<char>(bytes);
      if (i % 3 != 1) kept.push_back(object);
    }
  }
  const Counts counts = CountBothWays();
  EXPECT_GE(counts.by_block.objects, kept.size());
  EXPECT_EQ(counts.by_block.objects, counts.by_object.objects);
  EXPECT_EQ(counts.by_block.bytes, counts.by_object.bytes);
}

TEST(SurvivorsTest, EveryObjectOfTheSmallestSizeCounts) {
  struct Smallest {
    Smallest* next;
    size_t number;
  };
  Smallest* first = nullptr;
  constexpr size_t kObjects = 100'000;  // blocks full of them: 256 marks each
  for (size_t i = 0; i < kObjects; ++i) first = New<Smallest>(first, i);
  const Counts counts = CountBothWays();
  EXPECT_EQ(counts.by_block.objects, counts.by_object.objects);
  EXPECT_EQ(counts.by_block.bytes, counts.by_object.bytes);
  EXPECT_GE(counts.by_block.objects, kObjects);
  EXPECT_EQ(first->number, kObjects - 1);
}

}  // namespace
}  // namespace heapwise::runtime::internal
