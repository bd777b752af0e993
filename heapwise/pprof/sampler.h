#ifndef HEAPWISE_PPROF_SAMPLER_H_
#define HEAPWISE_PPROF_SAMPLER_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

// Takes the samples and keeps the tables of them. It starts before main, and knows nothing of
// symbols or formats. The tables lie in malloc's memory: no collector scans them and no operator
// new counts them.
namespace heapwise::pprof::internal {

inline constexpr int kMaxDepth = 64;
inline constexpr int64_t kDefaultRate = 512 * 1024;

// Bytes up to the next sample point of a Poisson process with one point in `rate` bytes on average,
// from 64 random bits: an exponential variate rounded up, so that an allocation of s bytes reaches
// it with probability 1 - exp(-s / rate). 0 for rate 1, which means the next allocation whatever
// its size; the greatest number for rate 0 and below, which means never.
uint64_t DistanceToSample(uint64_t random_bits, int64_t rate);

int64_t ExchangeRate(int64_t rate);
int64_t Rate();

// What is published of one stack and size. Stacks are never freed.
struct Row {
  const uintptr_t* stack;  // return addresses, innermost first
  size_t depth;
  size_t bytes_each;
  uint64_t allocs;
  uint64_t frees;
};

struct Rows {
  struct Free {
    void operator()(Row* rows) const { std::free(rows); }
  };
  std::unique_ptr<Row[], Free> rows;
  size_t count = 0;
};

// Publishes everything first if nothing has been published yet.
Rows PublishedRows();

// While it lives the calling thread's allocations are not sampled. Nests.
class Unsampled {
 public:
  Unsampled();
  ~Unsampled();
  Unsampled(const Unsampled&) = delete;
  Unsampled& operator=(const Unsampled&) = delete;

 private:
  bool before_;
};

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_SAMPLER_H_
