#include "heapwise/scanned.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/testdata/retention.h"

namespace heapwise::runtime {
namespace {

TEST(ScannedTest, IsZeroAlignedScannedAndGivenBack) {
  for (const size_t alignment : {size_t{1}, size_t{16}, size_t{64}, size_t{4096}, size_t{65536}}) {
    for (const size_t bytes : {size_t{0}, size_t{1}, size_t{100}, size_t{5000}, size_t{100'000}}) {
      auto* const memory = static_cast<char*>(AllocateScanned(bytes, alignment));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % alignment, 0u);
      EXPECT_EQ(std::vector<char>(memory, memory + bytes), std::vector<char>(bytes, 0));
      std::fill(memory, memory + bytes, 1);
      FreeScanned(memory);
    }
  }
  FreeScanned(nullptr);
  EXPECT_EQ(
      FreedOf(1000,
              [](Node* node) {
                auto* const memory = static_cast<Node**>(AllocateScanned(80));
                memory[9] = node;                             // the last word
                return ~reinterpret_cast<uintptr_t>(memory);  // hidden: nothing else leads there
              }),
      0u);
  EXPECT_GT(FreedOf(1000,
                    [](Node* node) {
                      auto* const memory = static_cast<Node**>(AllocateScanned(80));
                      memory[9] = node;
                      FreeScanned(memory);
                      return 0;
                    }),
            900u);
}

TEST(ScannedTest, NewOfADerivedClassIsThere) {
  struct Plain : Scanned {
    Node* node = nullptr;
  };
  struct alignas(128) Aligned : Scanned {
    Node* node = nullptr;
  };
  EXPECT_EQ(FreedOf(100,
                    [](Node* node) {
                      auto plain = std::make_unique<Plain>();
                      plain->node = node;
                      return plain;
                    }),
            0u);
  EXPECT_EQ(FreedOf(100,
                    [](Node* node) {
                      auto array = std::make_unique<Aligned[]>(3);
                      array[2].node = node;
                      EXPECT_EQ(reinterpret_cast<uintptr_t>(array.get()) % 128, 0u);
                      return array;
                    }),
            0u);
}

TEST(ScannedTest, ASizeThatDoesNotFitIsRefused) {
  EXPECT_THROW(ScannedAllocator<Node>().allocate(SIZE_MAX / 16), std::bad_array_new_length);
}

TEST(ScannedTest, MemoryIsUsedAgainAndNotCounted) {
  GC();
  MemStats before;
  ReadMemStats(&before);
  for (int i = 0; i < 100'000; ++i) FreeScanned(AllocateScanned(1000));
  const std::vector<Node*, ScannedAllocator<Node*>> pointers(100'000);
  GC();
  MemStats after;
  ReadMemStats(&after);
  EXPECT_LE(after.HeapObjects, before.HeapObjects + 10);
  EXPECT_LE(after.HeapAlloc, before.HeapAlloc + 1000);
  EXPECT_LE(after.HeapSys, before.HeapSys + (uint64_t{8} << 20));
}

TEST(ScannedDeathTest, NeedsARegisteredThread) {
  EXPECT_EXIT(std::thread([] { AllocateScanned(10); }).join(), testing::ExitedWithCode(2),
              "not registered");
}

}  // namespace
}  // namespace heapwise::runtime
