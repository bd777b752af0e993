#include "heapwise/pprof/scale.h"

#include <cmath>

namespace heapwise::pprof::internal {
namespace {

Estimate Times(int64_t objects, int64_t bytes, double factor) {
  return {static_cast<int64_t>(static_cast<double>(objects) * factor),
          static_cast<int64_t>(static_cast<double>(bytes) * factor)};
}

double SizeOf(int64_t objects, int64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(objects);
}

}  // namespace

double SampleProbability(double size, int64_t rate) {
  return rate <= 1 ? 1 : 1 - std::exp(-size / static_cast<double>(rate));
}

Estimate ScaleHeapSample(int64_t objects, int64_t bytes, int64_t rate) {
  if (objects == 0 || bytes == 0) return {0, 0};
  if (rate <= 1) return {objects, bytes};
  return Times(objects, bytes, 1 / SampleProbability(SizeOf(objects, bytes), rate));
}

Estimate ConvertHeapSample(int64_t objects, int64_t bytes, int64_t rate, int64_t to) {
  if (rate == to || objects == 0 || bytes == 0) return {objects, bytes};
  const double size = SizeOf(objects, bytes);
  return Times(objects, bytes, SampleProbability(size, to) / SampleProbability(size, rate));
}

}  // namespace heapwise::pprof::internal
