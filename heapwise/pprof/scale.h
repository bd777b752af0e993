#ifndef HEAPWISE_PPROF_SCALE_H_
#define HEAPWISE_PPROF_SCALE_H_

#include <cstdint>

// From samples to what they stand for: the only place that does so. Pure.
namespace heapwise::pprof::internal {

struct Estimate {
  int64_t objects;
  int64_t bytes;

  bool operator==(const Estimate&) const = default;
};

// The probability that an allocation of so many bytes is sampled: 1 - exp(-size / rate), and 1 at rate 1 and below.
double SampleProbability(double size, int64_t rate);

// What so many sampled objects with so many bytes in all stand for: each divided by the probability of a sample at the
// rate at which they were taken (Go: protomem.go:72). Negative counts stay negative.
Estimate ScaleHeapSample(int64_t objects, int64_t bytes, int64_t rate);

// What a sampler with the rate `to` would have taken in place of these, on average: for a form that has one rate for all
// samples and leaves the scaling to its reader. As they are where the rates are the same.
Estimate ConvertHeapSample(int64_t objects, int64_t bytes, int64_t rate, int64_t to);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_SCALE_H_
