#include "heapwise/gc/time_histogram.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace heapwise::runtime::internal {
namespace {

// histogram.go:65-71
constexpr int kLeastBits = 9;  // times of fewer bits share the first buckets
constexpr int kMostBits = 48;  // times of as many go to the last bucket
constexpr int kPartBits = 2;   // of a power of two
constexpr uint64_t kParts = 1 << kPartBits;
static_assert((kMostBits - kLeastBits + 1) * kParts + 2 == TimeHistogram::kBuckets);

constexpr std::array<double, TimeHistogram::kBuckets + 1> kBoundaries = [] {
  std::array<double, TimeHistogram::kBuckets + 1> boundaries{};
  size_t next = 0;
  boundaries[next++] = -std::numeric_limits<double>::infinity();
  for (int bits = kLeastBits - 1; bits < kMostBits; ++bits) {
    const uint64_t power = bits < kLeastBits ? 0 : uint64_t{1} << (bits - 1);
    const uint64_t part = uint64_t{1} << (std::max(bits, kLeastBits) - 1 - kPartBits);
    for (uint64_t i = 0; i < kParts; ++i) {
      boundaries[next++] = static_cast<double>(power + i * part) / 1e9;
    }
  }
  boundaries[next++] = static_cast<double>(uint64_t{1} << (kMostBits - 1)) / 1e9;
  boundaries[next++] = std::numeric_limits<double>::infinity();
  return boundaries;
}();

}  // namespace

size_t TimeHistogram::BucketOf(uint64_t ns) {
  const int bits = std::max(static_cast<int>(std::bit_width(ns)), kLeastBits - 1);
  if (bits >= kMostBits) return kBuckets - 1;
  const int shift = std::max(bits, kLeastBits) - 1 - kPartBits;
  const uint64_t part = ns >> shift & (kParts - 1);
  return 1 + static_cast<size_t>(bits - (kLeastBits - 1)) * kParts + part;
}

std::span<const double> TimeHistogram::Boundaries() { return kBoundaries; }

}  // namespace heapwise::runtime::internal
