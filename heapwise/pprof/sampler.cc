#include "heapwise/pprof/sampler.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "heapwise/base/clock.h"
#include "heapwise/new_delete.h"
#include "heapwise/pprof/mix.h"
#include "heapwise/thread_heap.h"

namespace heapwise::pprof::internal {
namespace {

constinit std::atomic<int64_t> mem_profile_rate{kDefaultRate};
constinit thread_local uint64_t random_state = 0;

uint64_t RandomBits() {
  static constinit std::atomic<uint64_t> threads{0};
  if (random_state == 0) {
    random_state = Mix(runtime::MonotonicNanos() ^ Mix(threads.fetch_add(1) + 1)) | 1;
  }
  random_state += 0x9e3779b97f4a7c15;  // SplitMix64
  return Mix(random_state);
}

}  // namespace

uint64_t DistanceToSample(uint64_t random_bits, int64_t rate) {
  if (rate <= 0) return std::numeric_limits<uint64_t>::max();
  if (rate == 1) return 0;
  const double uniform = static_cast<double>((random_bits >> 11) + 1) * 0x1p-53;  // (0, 1]
  return static_cast<uint64_t>(
      std::min(0x1p62, std::ceil(-std::log(uniform) * static_cast<double>(rate))));
}

runtime::internal::NextSample DrawNext() {
  const int64_t rate = Rate();  // once: it may change
  return {.gap = DistanceToSample(RandomBits(), rate), .interval = rate};
}

int64_t Rate() { return mem_profile_rate.load(std::memory_order_relaxed); }

int64_t ExchangeRate(int64_t rate) {
  const int64_t old = mem_profile_rate.exchange(std::max<int64_t>(0, rate));
  runtime::internal::RestartNewSampling();
  runtime::internal::RestartSampling();
  return old;
}

}  // namespace heapwise::pprof::internal
