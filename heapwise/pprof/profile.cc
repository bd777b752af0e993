#include "heapwise/pprof/profile.h"

#include <cerrno>
#include <fstream>
#include <map>
#include <ostream>
#include <tuple>
#include <utility>

#include "heapwise/base/clock.h"
#include "heapwise/pprof/hooks.h"
#include "heapwise/pprof/sampler.h"

namespace heapwise::pprof {

Profile HeapProfile() {
  internal::Unsampled quiet;
  const internal::Rows published = internal::PublishedRows();
  Profile profile{.samples = {},
                  .rate = internal::Rate(),
                  .time_unix_ns = static_cast<int64_t>(runtime::UnixNanos()),
                  .duration_ns = 0};
  profile.samples.reserve(published.count);
  for (size_t i = 0; i < published.count; ++i) {
    const internal::Row& row = published.rows[i];
    const uint64_t in_use = row.allocs - row.frees;
    profile.samples.push_back({.stack = {row.stack, row.stack + row.depth},
                               .bytes_each = row.bytes_each,
                               .alloc_objects = row.allocs,
                               .alloc_bytes = row.allocs * row.bytes_each,
                               .inuse_objects = in_use,
                               .inuse_bytes = in_use * row.bytes_each,
                               .rate = row.interval});
  }
  return profile;
}

Profile Delta(const Profile& earlier, const Profile& later) {
  internal::Unsampled quiet;
  std::map<std::tuple<std::vector<uintptr_t>, uint64_t, int64_t>, const Sample*> before;
  for (const Sample& sample : earlier.samples) {
    before[{sample.stack, sample.bytes_each, sample.rate}] = &sample;
  }
  Profile delta{.samples = {},
                .rate = later.rate,
                .time_unix_ns = later.time_unix_ns,
                .duration_ns = later.time_unix_ns - earlier.time_unix_ns};
  for (Sample sample : later.samples) {
    if (const auto old = before.find({sample.stack, sample.bytes_each, sample.rate});
        old != before.end()) {
      sample.alloc_objects -= old->second->alloc_objects;
      sample.alloc_bytes -= old->second->alloc_bytes;
      sample.inuse_objects -= old->second->inuse_objects;
      sample.inuse_bytes -= old->second->inuse_bytes;
    }
    if (sample.alloc_objects != 0 || sample.inuse_objects != 0) {
      delta.samples.push_back(std::move(sample));
    }
  }
  return delta;
}

bool WriteHeapProfile(std::ostream& out) {
  internal::Unsampled quiet;
  out << Encode(HeapProfile(), Kind::kHeap) << std::flush;
  return out.good();
}

std::error_code WriteHeapProfileTo(const std::string& path) {
  internal::Unsampled quiet;
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  if (file && WriteHeapProfile(file)) return {};
  return {errno == 0 ? EIO : errno, std::generic_category()};
}

int64_t SetMemProfileRate(int64_t bytes) { return internal::ExchangeRate(bytes); }

}  // namespace heapwise::pprof
