#include "benchmarks/harness/alloc_counter.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/heap.h"

namespace heapwise::bench {
namespace {

// Keeps the compiler from removing a new and its delete as a pair.
template <class T>
void Keep(T* p) {
  asm volatile("" : : "g"(p) : "memory");
}

TEST(CountAllocations, CountsNothingWhereNothingIsAllocated) {
  const Allocations made = CountAllocations([] {});
  EXPECT_EQ(made.allocs(), 0u);
  EXPECT_EQ(made.bytes(), 0u);
}

TEST(CountAllocations, CountsOperatorNewWithItsBytes) {
  const Allocations made = CountAllocations([] {
    auto value = std::make_unique<int64_t>(42);
    Keep(value.get());
  });
  EXPECT_EQ(made.new_allocs, 1u);
  EXPECT_EQ(made.new_bytes, sizeof(int64_t));
  EXPECT_EQ(made.gc_allocs, 0u);
}

TEST(CountAllocations, CountsEveryFormOfOperatorNew) {
  struct alignas(64) Wide {
    char bytes[64];
  };
  const Allocations made = CountAllocations([] {
    auto* array = new int[10];
    Keep(array);
    delete[] array;
    auto* nothrow = new (std::nothrow) int;
    Keep(nothrow);
    delete nothrow;
    auto* aligned = new Wide;
    Keep(aligned);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(aligned) % 64, 0u);
    delete aligned;
    auto* aligned_array = new Wide[3];
    Keep(aligned_array);
    delete[] aligned_array;
  });
  EXPECT_EQ(made.new_allocs, 4u);
  EXPECT_EQ(made.new_bytes, 10 * sizeof(int) + sizeof(int) + 4 * sizeof(Wide));
}

TEST(CountAllocations, CountsWhatTheStandardLibraryAllocates) {
  const Allocations grown = CountAllocations([] {
    std::string text(100, 'x');
    Keep(text.data());
  });
  EXPECT_EQ(grown.new_allocs, 1u);
  EXPECT_EQ(grown.new_bytes, 101u);  // and the terminating zero
}

TEST(CountAllocations, CountsTheCollectedHeapApart) {
  struct Node {
    Node* left;
    Node* right;
  };
  const Allocations made = CountAllocations([] {
    for (int i = 0; i < 1000; ++i) Keep(runtime::New<Node>());
  });
  EXPECT_EQ(made.gc_allocs, 1000u);
  EXPECT_GE(made.gc_bytes, 1000 * sizeof(Node));
  EXPECT_EQ(made.new_allocs, 0u);
}

TEST(CountAllocations, DoesNotSeeOtherThreads) {
  const Allocations made = CountAllocations([] {
    // The thread object itself allocates on this thread; what the thread does must not show.
    std::thread other([] {
      for (int i = 0; i < 1000; ++i) Keep(std::make_unique<int>(i).get());
    });
    other.join();
  });
  EXPECT_LT(made.new_allocs, 10u);
}

TEST(OperatorNew, ThrowsWhenMemoryIsExhausted) {
  const volatile std::size_t huge = std::numeric_limits<std::ptrdiff_t>::max();
  EXPECT_THROW(Keep(::operator new(huge)), std::bad_alloc);
  EXPECT_EQ(::operator new(huge, std::nothrow), nullptr);
}

}  // namespace
}  // namespace heapwise::bench
