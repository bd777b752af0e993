#include "benchmarks/harness/alloc_counter.h"

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "heapwise/new_delete.h"

namespace heapwise::bench {
namespace {

// Keeps the compiler from removing a new and its delete as a pair.
template <class T>
void Keep(T* p) {
  asm volatile("" : : "g"(p) : "memory");
}

TEST(Allocations, AreTakenFromOneAnotherEachByItself) {
  const Allocations a{100, 2000, 30, 4000};
  const Allocations b{1, 20, 3, 40};
  const Allocations between = a - b;
  EXPECT_EQ(between.new_allocs, 99u);
  EXPECT_EQ(between.new_bytes, 1980u);
  EXPECT_EQ(between.gc_allocs, 27u);
  EXPECT_EQ(between.gc_bytes, 3960u);
  EXPECT_EQ(between.allocs(), 126u);
  EXPECT_EQ(between.bytes(), 5940u);
  const Allocations none;
  for (const uint64_t n : {none.new_allocs, none.new_bytes, none.gc_allocs, none.gc_bytes}) {
    EXPECT_EQ(n, 0u);
  }
}

// From the first allocation of a thread on.
TEST(CountAllocations, AThreadBeginsAtNothing) {
  std::thread([] {
    const Allocations begin = ThreadAllocations();
    EXPECT_EQ(begin.new_allocs, 0u);
    EXPECT_EQ(begin.new_bytes, 0u);
    EXPECT_EQ(begin.gc_allocs, 0u);
    EXPECT_EQ(begin.gc_bytes, 0u);
  }).join();
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

// What a sampler and a profiler would be told, each in its turn. The hooks stay for the rest of the process.
struct Sample {
  void* memory;
  size_t bytes;
  int64_t interval;
};
constinit std::array<Sample, 64> samples{};
constinit size_t sample_count = 0;
constinit size_t freed_count = 0;
constinit int to_unwatch = 0;  // by the hook, of what it is told
constinit int64_t next_interval = 1;
constinit uint64_t next_gap = 100;

void SetHooksOnce() {
  static const bool done = [] {
    runtime::internal::SetNewHooks(
        [](void* memory, size_t bytes, int64_t interval) {
          if (sample_count < samples.size()) samples[sample_count++] = {memory, bytes, interval};
          return runtime::internal::NextSample{next_gap, next_interval++};
        },
        [](void* memory) {
          ++freed_count;
          for (; to_unwatch > 0; --to_unwatch) runtime::internal::UnwatchDelete(memory);
        });
    return true;
  }();
  (void)done;
}

TEST(NewHooks, ASampleFallsOnTheByteThatWasDrawn) {
  SetHooksOnce();
  next_interval = 1;
  next_gap = 100;
  sample_count = 0;
  runtime::internal::RestartNewSampling();
  std::array<char*, 35> made;
  for (char*& memory : made) Keep(memory = new char[10]);
  const size_t count = sample_count;
  // Asked at the first, and then for every hundredth byte: of the tenth, the twentieth and the thirtieth.
  ASSERT_EQ(count, 4u);
  EXPECT_EQ(samples[0].memory, nullptr);
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(samples[i].memory, made[10 * i - 1]) << i;
    EXPECT_EQ(samples[i].bytes, 10u);
    EXPECT_EQ(samples[i].interval, static_cast<int64_t>(i)) << "the interval of its own distance";
  }
  for (char* memory : made) delete[] memory;
  // A new distance is asked for at once, and counts from before that allocation.
  sample_count = 0;
  next_gap = 30;
  runtime::internal::RestartNewSampling();
  std::unique_ptr<char[]> large(new char[30]);
  Keep(large.get());
  EXPECT_EQ(sample_count, 2u);
  EXPECT_EQ(samples[0].memory, nullptr);
  EXPECT_EQ(samples[1].memory, large.get());
  // Farther than can be counted is never.
  sample_count = 0;
  next_gap = std::numeric_limits<uint64_t>::max();
  runtime::internal::RestartNewSampling();
  for (int i = 0; i < 100; ++i) Keep(std::make_unique<int64_t>(i).get());
  EXPECT_EQ(sample_count, 1u);
}

TEST(NewHooks, ADeleteIsReportedWhileItIsWatched) {
  SetHooksOnce();
  const auto reports = [](int watches, int unwatches) {
    char* const memory = new char[10];
    Keep(memory);
    for (int i = 0; i < watches; ++i) runtime::internal::WatchDelete(memory);
    for (int i = 0; i < unwatches; ++i) runtime::internal::UnwatchDelete(memory);
    freed_count = 0;
    to_unwatch = watches - unwatches;
    delete[] memory;
    return freed_count;
  };
  EXPECT_EQ(reports(0, 0), 0u);
  EXPECT_EQ(reports(1, 0), 1u);
  EXPECT_EQ(reports(1, 1), 0u);
  EXPECT_EQ(reports(3, 2), 1u);
  EXPECT_EQ(reports(3, 3), 0u);
  EXPECT_EQ(reports(254, 254), 0u);
  EXPECT_EQ(reports(254, 253), 1u);
  // So many cannot be counted: reported for ever, rather than not at all.
  EXPECT_EQ(reports(300, 300), 1u);
}

TEST(OperatorNew, ThrowsWhenMemoryIsExhausted) {
  const volatile std::size_t huge = std::numeric_limits<std::ptrdiff_t>::max();
  EXPECT_THROW(Keep(::operator new(huge)), std::bad_alloc);
  EXPECT_EQ(::operator new(huge, std::nothrow), nullptr);
}

}  // namespace
}  // namespace heapwise::bench
