#ifndef HEAPWISE_PPROF_ENCODE_H_
#define HEAPWISE_PPROF_ENCODE_H_

#include <cstdint>
#include <string>

namespace heapwise::pprof::internal {

struct Estimate {
  int64_t objects;
  int64_t bytes;
};

// What so many sampled objects with so many bytes in all stand for: each divided by the probability
// of a sample, 1 - exp(-size / rate). As they are at rate 1 and below (protomem.go:78). Negative
// counts stay negative.
Estimate ScaleHeapSample(int64_t objects, int64_t bytes, int64_t rate);

// One gzip member, or its content.
std::string Gzip(const std::string& plain);
std::string Gunzip(const std::string& compressed);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_ENCODE_H_
