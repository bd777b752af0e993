#ifndef HEAPWISE_PPROF_SAMPLER_H_
#define HEAPWISE_PPROF_SAMPLER_H_

#include <cstdint>

#include "heapwise/base/next_sample.h"

// Decides which allocations are sampled, and no more: hooks.h takes them.
//
// Sample points lie on the bytes that a thread allocates as a Poisson process does, with one in `rate` bytes on average.
// So the distance from one to the next is exponential and has no memory: wherever a thread begins anew to count, at a
// change of the rate or on another free list, the points are as good.
//
// A sample stands for 1 / (1 - exp(-size / rate)) allocations (scale.h), by the rate that its distance was drawn with.
// So each distance goes together with its rate, the interval of a NextSample, and the two come back together with the
// sample, however the rate has changed meanwhile. (tcmalloc's Sampler does the same.)
namespace heapwise::pprof::internal {

inline constexpr int64_t kDefaultRate = int64_t{512} << 10;

// Bytes up to the next sample point, from 64 random bits: an exponential variate with mean `rate` rounded up, so that an
// allocation of s bytes reaches it with probability 1 - exp(-s / rate). 0 for rate 1, which means the next allocation
// whatever its size; the greatest number for rate 0 and below, which means never.
uint64_t DistanceToSample(uint64_t random_bits, int64_t rate);

// The calling thread's next sample point, drawn with the present rate. Neither locks nor allocates.
runtime::internal::NextSample DrawNext();

// The mean distance in bytes; see SetMemProfileRate (profile.h). Any thread.
int64_t Rate();
int64_t ExchangeRate(int64_t rate);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_SAMPLER_H_
