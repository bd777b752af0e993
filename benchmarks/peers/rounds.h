#ifndef HEAPWISE_BENCHMARKS_PEERS_ROUNDS_H_
#define HEAPWISE_BENCHMARKS_PEERS_ROUNDS_H_

#include <chrono>
#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmarks/peers/ring.h"
#include "benchmarks/stats/quantile.h"

// What every program of the profiler's comparison does: it fills a ring of static memory with objects of 32
// bytes, in rounds so short that a disturbance hits few of them, and reports the median of the rounds.
// profiler.go does the same in longer rounds, since Go needs longer for a collection.
namespace heapwise::peers {

inline constexpr std::chrono::microseconds kRoundTime{2500};
inline constexpr int kBatch = 10'000;  // objects between two looks at the clock

// Nanoseconds for each call of allocate(slot) in one round.
template <class Allocate>
double RoundNs(Allocate allocate) {
  using Clock = std::chrono::steady_clock;
  int64_t objects = 0;
  const auto began = Clock::now();
  Clock::duration passed;
  do {
    for (int i = 0; i < kBatch; ++i) {
      allocate(ring<32, Allocate>[i % kSlots]);
      benchmark::ClobberMemory();
    }
    objects += kBatch;
    passed = Clock::now() - began;
  } while (passed < kRoundTime);
  return std::chrono::duration<double, std::nano>(passed).count() / static_cast<double>(objects);
}

inline double Median(const std::vector<double>& values) {
  return stats::Quantile(values, 0.5).value_or(0);
}

// new with delete, for RoundNs.
inline constexpr auto kNewDelete = []<class T>(T*& slot) {
  delete slot;
  slot = new T();
};

}  // namespace heapwise::peers

#endif  // HEAPWISE_BENCHMARKS_PEERS_ROUNDS_H_
