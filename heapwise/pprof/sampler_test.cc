#include "heapwise/pprof/sampler.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/finalizer.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/new_delete.h"
#include "heapwise/pprof/hooks.h"
#include "heapwise/pprof/profile.h"
#include "heapwise/pprof/scale.h"
#include "heapwise/pprof/stacks.h"
#include "heapwise/pprof/testing.h"
#include "testing/eventually.h"
#include "testing/sanitizers.h"

namespace heapwise::pprof {
namespace {

// Keeps the compiler from removing a new and its delete as a pair.
template <class T>
void Keep(T* p) {
  asm volatile("" : : "g"(p) : "memory");
}

struct Node {
  Node* left;
  Node* right;
  int64_t payload[2];
};

class Rate {
 public:
  explicit Rate(int64_t bytes) { SetMemProfileRate(bytes); }
  ~Rate() { SetMemProfileRate(internal::kDefaultRate); }
};

// What all samples of one size add up to.
Sample TotalOf(const Profile& profile, uint64_t bytes_each) {
  Sample total;
  for (const Sample& sample : profile.samples) {
    if (sample.bytes_each != bytes_each) continue;
    total.alloc_objects += sample.alloc_objects;
    total.alloc_bytes += sample.alloc_bytes;
    total.inuse_objects += sample.inuse_objects;
    total.inuse_bytes += sample.inuse_bytes;
  }
  return total;
}

Sample Published(uint64_t bytes_each) {
  runtime::GC();
  return TotalOf(HeapProfile(), bytes_each);
}

struct Spread {
  double mean;
  double deviation;  // standard deviation
};

Spread SpreadOf(const std::vector<double>& values) {
  double sum = 0;
  double squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / static_cast<double>(values.size() - 1))};
}

// The number of samples among n objects is binomial with p = 1 - exp(-size / rate), so that the
// estimate of their bytes, relative to the truth, has mean 1 and the standard deviation sqrt((1 -
// p) / (n p)). The bounds below are four standard errors and more of the mean, and six of the
// deviation.
void ExpectTrueOnAverage(const std::vector<double>& relative, double n, double size, double rate) {
  const double p = 1 - std::exp(-size / rate);
  const double predicted = std::sqrt((1 - p) / (n * p));
  const Spread spread = SpreadOf(relative);
  std::printf("mean %.4f, spread %.4f, predicted %.4f\n", spread.mean, spread.deviation, predicted);
  EXPECT_NEAR(spread.mean, 1, 0.01);
  EXPECT_NEAR(spread.deviation / predicted, 1, 0.14) << "predicted " << predicted;
}

double Relative(uint64_t objects, uint64_t size, int64_t rate, uint64_t true_bytes) {
  const internal::Estimate estimate = internal::ScaleHeapSample(
      static_cast<int64_t>(objects), static_cast<int64_t>(objects * size), rate);
  return static_cast<double>(estimate.bytes) / static_cast<double>(true_bytes);
}

TEST(DistanceToSampleTest, HasFixedMeaningsAtTheEnds) {
  EXPECT_EQ(internal::DistanceToSample(12345, 1), 0u);
  EXPECT_EQ(internal::DistanceToSample(12345, 0), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(internal::DistanceToSample(12345, -7), std::numeric_limits<uint64_t>::max());
  // The largest of random numbers is a probability of 1, the smallest 2^-53: 53 ln 2 = 36.7 rates.
  EXPECT_EQ(internal::DistanceToSample(std::numeric_limits<uint64_t>::max(), 1000), 0u);
  EXPECT_EQ(internal::DistanceToSample(0, 1000), 36737u);
  EXPECT_EQ(internal::DistanceToSample(0, std::numeric_limits<int64_t>::max()), uint64_t{1} << 62);
}

TEST(DistanceToSampleTest, AThousandProfilesAtTheDefaultRateAreTrueOnAverage) {
  std::mt19937_64 random(1);
  // 312.5 MiB in each.
  constexpr uint64_t kSize = 1024;
  constexpr uint64_t kObjects = 320'000;
  std::vector<double> relative;
  for (int profile = 0; profile < 1000; ++profile) {
    uint64_t samples = 0;
    for (uint64_t object = 0;; ++samples) {
      const uint64_t distance = internal::DistanceToSample(random(), internal::kDefaultRate);
      object += std::max<uint64_t>(1, (distance + kSize - 1) / kSize);
      if (object > kObjects) break;
    }
    relative.push_back(Relative(samples, kSize, internal::kDefaultRate, kObjects * kSize));
  }
  ExpectTrueOnAverage(relative, kObjects, kSize, internal::kDefaultRate);
}

TEST(DrawNextTest, ADistanceComesWithItsRate) {
  const int64_t before = internal::ExchangeRate(1);
  EXPECT_EQ(internal::DrawNext().interval, 1);
  EXPECT_EQ(internal::DrawNext().gap, 0u);
  internal::ExchangeRate(0);
  EXPECT_EQ(internal::DrawNext().interval, 0);
  EXPECT_EQ(internal::DrawNext().gap, std::numeric_limits<uint64_t>::max());
  internal::ExchangeRate(4096);
  EXPECT_EQ(internal::DrawNext().interval, 4096);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) sum += static_cast<double>(internal::DrawNext().gap);
  EXPECT_NEAR(sum / 100'000 / 4096, 1, 0.02);  // six standard errors
  internal::ExchangeRate(before);
}

// Real profiles at a rate for which each needs only 400 KiB.
constexpr int64_t kFineRate = 2048;
constexpr uint64_t kFineObjects = 12'800;

TEST(SamplerTest, AThousandProfilesOfTheCollectedHeapAreTrueOnAverage) {
  Rate rate(kFineRate);
  std::vector<double> relative;
  uint64_t before = Published(sizeof(Node)).alloc_objects;
  for (int profile = 0; profile < 1000; ++profile) {
    for (uint64_t i = 0; i < kFineObjects; ++i) Keep(runtime::New<Node>());
    const uint64_t now = Published(sizeof(Node)).alloc_objects;
    relative.push_back(
        Relative(now - before, sizeof(Node), kFineRate, kFineObjects * sizeof(Node)));
    before = now;
  }
  ExpectTrueOnAverage(relative, kFineObjects, sizeof(Node), kFineRate);
}

TEST(SamplerTest, AThousandProfilesOfOperatorNewAreTrueOnAverage) {
  Rate rate(kFineRate);
  std::vector<double> relative;
  uint64_t before = Published(40).alloc_objects;
  for (int profile = 0; profile < 1000; ++profile) {
    for (uint64_t i = 0; i < kFineObjects; ++i) Keep(std::make_unique<char[]>(40).get());
    const uint64_t now = Published(40).alloc_objects;
    relative.push_back(Relative(now - before, 40, kFineRate, kFineObjects * 40));
    before = now;
  }
  ExpectTrueOnAverage(relative, kFineObjects, 40, kFineRate);
  EXPECT_EQ(Published(40).inuse_objects, 0u);
}

TEST(SamplerTest, LargeObjectsAndPointerFreeOnesAreSampledToo) {
  Rate rate(kFineRate);
  std::vector<double> small;
  std::vector<double> large;
  Sample small_before = Published(112);
  Sample large_before = Published(4112);
  for (int profile = 0; profile < 200; ++profile) {
    for (int i = 0; i < 2000; ++i) {
      Keep(runtime::MakeSlice<char>(111).data());
      if (i % 10 == 0) Keep(runtime::MakeSlice<char>(4111).data());
    }
    const Sample small_now = Published(112);
    const Sample large_now = Published(4112);
    small.push_back(
        Relative(small_now.alloc_objects - small_before.alloc_objects, 112, kFineRate, 2000 * 112));
    large.push_back(Relative(large_now.alloc_objects - large_before.alloc_objects, 4112, kFineRate,
                             200 * 4112));
    small_before = small_now;
    large_before = large_now;
  }
  // Standard errors: 9 % and 2.8 % over the root of 200.
  EXPECT_NEAR(SpreadOf(small).mean, 1, 0.04);
  EXPECT_NEAR(SpreadOf(large).mean, 1, 0.012);
}

TEST(SamplerTest, RateOneSeesEveryAllocation) {
  Rate rate(1);
  const Sample before_new = Published(777);
  const Sample before_small = Published(1024);
  const Sample before_large = Published(77'792);
  for (int i = 0; i < 1000; ++i) {
    Keep(std::make_unique<char[]>(777).get());
    Keep(runtime::MakeSlice<char>(1000).data());
    Keep(runtime::MakeSlice<char>(77'777).data());
  }
  EXPECT_EQ(Published(777).alloc_objects - before_new.alloc_objects, 1000u);
  EXPECT_EQ(Published(1024).alloc_objects - before_small.alloc_objects, 1000u);
  EXPECT_EQ(Published(77'792).alloc_objects - before_large.alloc_objects, 1000u);
}

TEST(SamplerTest, RateZeroSeesNothingAndTheRateChangesAtOnce) {
  const int64_t before = SetMemProfileRate(1);
  EXPECT_EQ(SetMemProfileRate(0), 1);
  const Sample news = Published(555);
  const Sample collected = Published(sizeof(Node));
  const auto allocate = [] {
    for (int i = 0; i < 300; ++i) {
      Keep(runtime::New<Node>());
      Keep(std::make_unique<char[]>(555).get());
    }
  };
  allocate();
  EXPECT_EQ(Published(555).alloc_objects, news.alloc_objects);
  EXPECT_EQ(Published(sizeof(Node)).alloc_objects, collected.alloc_objects);
  EXPECT_EQ(SetMemProfileRate(1), 0);  // within a free list, and within a distance
  allocate();
  EXPECT_EQ(SetMemProfileRate(-5), 1);
  EXPECT_EQ(SetMemProfileRate(before), 0);
  EXPECT_EQ(Published(555).alloc_objects, news.alloc_objects + 300);
  EXPECT_EQ(Published(sizeof(Node)).alloc_objects, collected.alloc_objects + 300);
}

// What the samples of one size stand for.
int64_t EstimatedBytes(const Profile& profile, uint64_t bytes_each) {
  int64_t bytes = 0;
  for (const Sample& sample : profile.samples) {
    if (sample.bytes_each != bytes_each) continue;
    bytes += internal::ScaleHeapSample(static_cast<int64_t>(sample.alloc_objects),
                                       static_cast<int64_t>(sample.alloc_bytes), sample.rate)
                 .bytes;
  }
  return bytes;
}

TEST(SamplerTest, ALaterRateDoesNotChangeWhatEarlierSamplesStandFor) {
  constexpr uint64_t kCollected = 144;  // sizes of this test's own
  constexpr uint64_t kNew = 141;
  constexpr int kObjects = 20'000;
  for (const int64_t bytes : {1, 1024, 4096}) {
    const int64_t before = SetMemProfileRate(bytes);
    const Profile earlier = (runtime::GC(), HeapProfile());
    for (int i = 0; i < kObjects; ++i) {
      Keep(runtime::MakeSlice<char>(kCollected - 1).data());
      Keep(std::make_unique<char[]>(kNew).get());
    }
    SetMemProfileRate(before);
    runtime::GC();
    const Profile made = Delta(earlier, HeapProfile());
    for (const uint64_t size : {kCollected, kNew}) {
      const double relative =
          static_cast<double>(EstimatedBytes(made, size)) / static_cast<double>(kObjects * size);
      // At rate 4096 the standard error is 3.8 %.
      EXPECT_NEAR(relative, 1, bytes == 1 ? 0 : 0.2) << size << " at rate " << bytes;
    }
  }
}

// The other thread has drawn its distances, and cut its lists, by the rate from before.
TEST(SamplerTest, ALaterRateDoesNotChangeWhatAnotherThreadsSamplesStandFor) {
  constexpr uint64_t kSize = 176;
  constexpr int kThreads = 300;
  const int64_t before = SetMemProfileRate(2048);
  const Profile earlier = (runtime::GC(), HeapProfile());
  for (int i = 0; i < kThreads; ++i) {
    SetMemProfileRate(2048);
    std::barrier meet(2);
    std::thread other([&meet] {
      runtime::ThreadScope scope;
      Keep(runtime::MakeSlice<char>(kSize - 1).data());  // fills the list: 23 objects in a block
      meet.arrive_and_wait();
      meet.arrive_and_wait();
      for (int object = 1; object < 23; ++object) {
        Keep(runtime::MakeSlice<char>(kSize - 1).data());
      }
    });
    meet.arrive_and_wait();
    SetMemProfileRate(1 << 30);
    meet.arrive_and_wait();
    other.join();
  }
  runtime::GC();
  const Profile made = Delta(earlier, HeapProfile());
  SetMemProfileRate(before);
  // A list is sampled up to its first sample by the rate that it was cut with; only beyond, hardly at all. So it is less
  // than all that was allocated, but not by orders of magnitude more.
  EXPECT_GT(TotalOf(made, kSize).alloc_objects, 100u);
  EXPECT_LT(EstimatedBytes(made, kSize), int64_t{kThreads} * 23 * int64_t{kSize} * 3 / 2);
}

TEST(SamplerTest, WhatIsInUseFallsToZero) {
  // Some word may hold the address of a block that the heap grew by, and so retain the object there. It shall grow
  // for these, and leave such words on a stack that is gone.
  std::vector<std::unique_ptr<char[]>> news;
  Sample alive;
  const auto allocate = [&](int n) {
    // On a stack of its own, so that no forgotten word of this one retains an object.
    std::thread([&] {
      runtime::ThreadScope scope;
      std::vector<char*, runtime::Allocator<char*>> collected;
      for (int i = 0; i < n; ++i) {
        collected.push_back(runtime::MakeSlice<char>(367).data());
        news.push_back(std::make_unique<char[]>(368));
      }
      alive = Published(368);
    }).join();
  };
  Rate rate(1);
  allocate(3'000);
  news.clear();
  const Sample before = Published(368);
  allocate(1000);
  EXPECT_EQ(alive.inuse_objects, before.inuse_objects + 2000);
  EXPECT_EQ(alive.inuse_bytes, before.inuse_bytes + 2000 * 368);
  EXPECT_EQ(Published(368).inuse_objects, before.inuse_objects + 1000);
  news.clear();
  const Sample after = Published(368);
  EXPECT_EQ(after.inuse_objects, before.inuse_objects);
  EXPECT_EQ(after.alloc_objects, before.alloc_objects + 2000);
}

struct WithFinalizer {
  char payload[448];
};
std::atomic<int> finalized{0};

// As Go has it: the collection that finds it dead only makes the finalizer due, the next one frees it.
TEST(SamplerTest, WhatHasAFinalizerIsInUseUntilThatHasRun) {
  Rate rate(1);
  std::thread([&] {
    runtime::ThreadScope scope;
    for (int i = 0; i < 1000; ++i) {
      runtime::SetFinalizer(runtime::New<WithFinalizer>(), [](WithFinalizer*) { ++finalized; });
    }
  }).join();
  EXPECT_EQ(Published(448).inuse_objects, 1000u);
  EXPECT_TRUE(
      test::Eventually([] { return finalized > 990 && Published(448).inuse_objects < 10; }));
}

TEST(SamplerTest, PlacesInTheProfilerOfManyLiveAllocationsAreFoundAgain) {
  Rate rate(1);
  const Sample before = Published(24);
  std::mt19937 random(1);
  std::vector<std::unique_ptr<char[]>> live;
  for (int i = 0; i < 200'000; ++i) {
    if (live.size() < 20'000 || random() % 2 == 0) {
      live.push_back(std::make_unique<char[]>(24));
    } else {
      std::swap(live[random() % live.size()], live.back());
      live.pop_back();
    }
  }
  EXPECT_EQ(Published(24).inuse_objects - before.inuse_objects, live.size());
  live.clear();
  EXPECT_EQ(Published(24).inuse_objects, before.inuse_objects);
}

TEST(SamplerTest, TheRuntimesCountsStayExact) {
  for (const int64_t bytes : {1, 100, 4096}) {
    Rate rate(bytes);
    const runtime::AllocCounters before = runtime::ThreadAllocs();
    const runtime::NewCounters news = runtime::ThreadNews();
    for (int i = 0; i < 10'000; ++i) {
      Keep(runtime::New<Node>());
      Keep(runtime::MakeSlice<char>(99).data());
      Keep(std::make_unique<char[]>(10).get());
    }
    EXPECT_EQ(runtime::ThreadAllocs().allocs - before.allocs, 20'000u);
    EXPECT_EQ(runtime::ThreadAllocs().bytes - before.bytes, 10'000u * (32 + 112));
    EXPECT_EQ(runtime::ThreadNews().allocs - news.allocs, 10'000u);
    EXPECT_EQ(runtime::ThreadNews().bytes - news.bytes, 100'000u);
    // Sampling adds nothing to the collected heap.
    runtime::GC();
    runtime::MemStats stats;
    runtime::ReadMemStats(&stats);
    EXPECT_LT(stats.HeapObjects, 1000u);
  }
}

// A remainder that a collection did not see would be handed out twice.
TEST(SamplerTest, CutFreeListsSurviveCollections) {
  Rate rate(200);
  std::vector<std::span<uint64_t>, runtime::Allocator<std::span<uint64_t>>> pointer_free;
  std::vector<Node*, runtime::Allocator<Node*>> nodes;
  for (uint64_t i = 0; i < 20'000; ++i) {
    if (i % 700 == 0) runtime::GC();
    if (i % 900 == 0) SetMemProfileRate(static_cast<int64_t>(i % 3 * 150));
    pointer_free.push_back(runtime::MakeSlice<uint64_t>(5));
    std::ranges::fill(pointer_free.back(), i);
    nodes.push_back(runtime::New<Node>());
    ASSERT_EQ(nodes.back()->left, nullptr);
    ASSERT_EQ(nodes.back()->payload[1], 0);
    nodes.back()->payload[0] = nodes.back()->payload[1] = static_cast<int64_t>(i);
    nodes.back()->left = nodes.front();
  }
  for (uint64_t i = 0; i < nodes.size(); ++i) {
    ASSERT_EQ(nodes[i]->payload[0], static_cast<int64_t>(i));
    ASSERT_EQ(nodes[i]->payload[1], static_cast<int64_t>(i));
    ASSERT_EQ(nodes[i]->left, nodes.front());
    for (const uint64_t word : pointer_free[i]) ASSERT_EQ(word, i);
  }
}

TEST(UnsampledTest, Nests) {
  constexpr size_t kSize = 619;  // of this test's own
  const auto allocate = [] { Keep(std::make_unique<char[]>(kSize).get()); };
  Rate rate(1);
  const uint64_t before = Published(kSize).alloc_objects;
  {
    const internal::Unsampled outer;
    {
      const internal::Unsampled inner;
      allocate();
    }
    allocate();
  }
  EXPECT_EQ(Published(kSize).alloc_objects, before);
  allocate();
  EXPECT_EQ(Published(kSize).alloc_objects, before + 1);
}

TEST(SamplerTest, TheProfilersOwnAllocationsAreNotInTheProfile) {
  Rate rate(1);
  runtime::GC();
  const Profile before = HeapProfile();
  for (int i = 0; i < 3; ++i) {
    Encode(HeapProfile(), Kind::kHeap);
    Text(HeapProfile());
  }
  runtime::GC();
  EXPECT_TRUE(Delta(before, HeapProfile()).samples.empty());
}

// The child's tables are in one piece, and their mutex is free, whatever the other thread was doing.
TEST(SamplerTest, ChildrenOfABusyParentAreSampledToo) {
  if (test::kAddressSanitizer) GTEST_SKIP() << "children may hang";
  constexpr size_t kSize = 913;  // of this test's own
  Rate rate(1);
  std::atomic<bool> done{false};
  std::thread busy([&done] {
    while (!done.load()) Keep(std::make_unique<char[]>(kSize).get());
  });
  int good = 0;
  for (int i = 0; i < 100 && good == i; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      const Sample before = Published(kSize);
      std::vector<std::unique_ptr<char[]>> kept;
      for (int object = 0; object < 50; ++object) kept.push_back(std::make_unique<char[]>(kSize));
      const Sample after = Published(kSize);
      const bool exact = after.alloc_objects == before.alloc_objects + 50 &&
                         after.inuse_objects == before.inuse_objects + 50;
      _exit(exact ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    good += status == 0 ? 1 : 0;
  }
  done.store(true);
  busy.join();
  EXPECT_EQ(good, 100);
}

// As C code may that was handed it.
[[gnu::noinline]] void FreeByOtherMeans(void* memory) {
  Keep(memory);
  std::free(memory);
}

TEST(SamplerTest, MemoryThatComesAgainWasFreedInBetween) {
  constexpr size_t kSize = 957;  // of this test's own
  Rate rate(1);
  const Sample before = Published(kSize);
  void* const first = ::operator new(kSize);
  FreeByOtherMeans(first);
  void* const second = ::operator new(kSize);
  Keep(second);
  if (first != second) GTEST_SKIP() << "this malloc does not give the last one again";
  EXPECT_EQ(Published(kSize).inuse_objects, before.inuse_objects + 1);
  ::operator delete(second);
  EXPECT_EQ(Published(kSize).inuse_objects, before.inuse_objects);
  EXPECT_EQ(Published(kSize).alloc_objects, before.alloc_objects + 2);
}

TEST(SamplerTest, ThreadsAllocateCollectAndEndWhileProfilesAreTaken) {
  const int64_t rate_before = SetMemProfileRate(1000);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  std::atomic<uint64_t> rounds{0};
  std::vector<std::unique_ptr<char[]>> handed_over;
  std::mutex handed_over_mutex;
  const auto work = [&](unsigned seed) {
    runtime::ThreadScope scope;
    std::mt19937 random(seed);
    std::vector<Node*, runtime::Allocator<Node*>> kept(100);
    while (std::chrono::steady_clock::now() < end) {
      for (int i = 0; i < 500; ++i) {
        kept[random() % kept.size()] = runtime::New<Node>(kept[random() % kept.size()]);
        Keep(runtime::MakeSlice<char>(random() % 10'000).data());
        auto memory = std::make_unique<char[]>(1237);
        if (random() % 4 == 0) {
          // Another thread may delete it.
          std::lock_guard lock(handed_over_mutex);
          handed_over.push_back(std::move(memory));
          if (handed_over.size() > 50) handed_over.erase(handed_over.begin() + random() % 50);
        }
      }
      std::thread([] {
        runtime::ThreadScope short_lived;
        for (int i = 0; i < 50; ++i) Keep(runtime::New<Node>());
        Keep(std::make_unique<char[]>(1237).get());
      }).join();
      // Long chains of nodes are not the matter here.
      if (random() % 8 == 0) std::ranges::fill(kept, nullptr);
      if (random() % 4 == 0) runtime::GC();
      ++rounds;
    }
  };
  std::thread one(work, 1);
  std::thread two(work, 2);
  std::mt19937 random(3);
  int profiles = 0;
  while (std::chrono::steady_clock::now() < end) {
    constexpr int64_t kRates[] = {0, 1, 50, 1000, 524288};
    SetMemProfileRate(kRates[random() % std::size(kRates)]);
    const Profile profile = HeapProfile();
    for (const Sample& sample : profile.samples) {
      ASSERT_LE(sample.inuse_objects, sample.alloc_objects);
      ASSERT_EQ(sample.inuse_bytes, sample.inuse_objects * sample.bytes_each);
      ASSERT_LE(sample.stack.size(), static_cast<size_t>(internal::kMaxDepth));
    }
    if (++profiles % 20 == 0) {
      ASSERT_FALSE(Encode(profile, Kind::kAllocs).empty());
      ASSERT_FALSE(Text(profile).empty());
    }
  }
  one.join();
  two.join();
  handed_over.clear();
  SetMemProfileRate(rate_before);
  const Sample odd = Published(1237);
  EXPECT_GT(odd.alloc_objects, 0u);
  EXPECT_EQ(odd.inuse_objects, 0u);
  EXPECT_GT(rounds.load(), 0u);
}

}  // namespace
}  // namespace heapwise::pprof
