#include "heapwise/pprof/encode.h"

#include <zlib.h>

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "heapwise/pprof/hooks.h"
#include "heapwise/pprof/profile.h"
#include "heapwise/pprof/proto_writer.h"
#include "heapwise/pprof/scale.h"
#include "heapwise/pprof/symbolizer.h"

namespace heapwise::pprof {
namespace internal {
namespace {

constexpr int kGzip = 15 + 16;  // zlib's largest window, in a gzip wrapper

// The numbers of the fields of each message in profile.proto
// (github.com/google/pprof/blob/main/proto/profile.proto).
namespace profile_field {
enum {
  kSampleType = 1,
  kSample,
  kMapping,
  kLocation,
  kFunction,
  kStringTable,
  kTimeNanos = 9,
  kDurationNanos,
  kPeriodType,
  kPeriod,
  kDefaultSampleType = 14
};
}  // namespace profile_field
namespace value_type_field {
enum { kType = 1, kUnit };
}  // namespace value_type_field
namespace sample_field {
enum { kLocationId = 1, kValue, kLabel };
}  // namespace sample_field
namespace label_field {
enum { kKey = 1, kNum = 3 };
}  // namespace label_field
namespace mapping_field {
enum {
  kId = 1,
  kMemoryStart,
  kMemoryLimit,
  kFileOffset,
  kFilename,
  kBuildId,
  kHasFunctions,
  kHasFilenames,
  kHasLineNumbers,
  kHasInlineFrames
};
}  // namespace mapping_field
namespace location_field {
enum { kId = 1, kMappingId, kAddress, kLine };
}  // namespace location_field
namespace line_field {
enum { kFunctionId = 1, kLine };
}  // namespace line_field
namespace function_field {
enum { kId = 1, kName, kSystemName, kFilename, kStartLine };
}  // namespace function_field

// Puts strings, functions, locations and mappings into the tables of profile.proto, each once.
class Tables {
 public:
  Tables() : segments_(ExecutableSegments()) {
    String("");
    for (size_t i = 0; i < segments_.size(); ++i) {
      const Segment& segment = segments_[i];
      ProtoWriter mapping;
      mapping.Number(mapping_field::kId, uint64_t{i + 1});
      mapping.Number(mapping_field::kMemoryStart, uint64_t{segment.start});
      mapping.Number(mapping_field::kMemoryLimit, uint64_t{segment.limit});
      mapping.Number(mapping_field::kFileOffset, segment.offset);
      mapping.Number(mapping_field::kFilename, String(segment.file));
      mapping.Number(mapping_field::kBuildId, String(segment.build_id));
      // Otherwise pprof would look for the names itself.
      for (const int field : {mapping_field::kHasFunctions, mapping_field::kHasFilenames,
                              mapping_field::kHasLineNumbers, mapping_field::kHasInlineFrames}) {
        mapping.Number(field, uint64_t{true});
      }
      entries_.Bytes(profile_field::kMapping, mapping.bytes());
    }
  }

  uint64_t String(const std::string& text) {
    const auto [place, is_new] = strings_.try_emplace(text, strings_.size());
    if (is_new) entries_.Bytes(profile_field::kStringTable, text);
    return place->second;
  }

  std::string ValueType(const char* name, const char* unit) {
    ProtoWriter type;
    type.Number(value_type_field::kType, String(name));
    type.Number(value_type_field::kUnit, String(unit));
    return type.bytes();
  }

  uint64_t Location(const Call& call) {
    // The same call shows fewer frames where it is the allocation itself.
    const auto [place, is_new] =
        locations_.try_emplace({call.address, call.frames.size()}, locations_.size() + 1);
    if (!is_new) return place->second;
    ProtoWriter location;
    location.Number(location_field::kId, place->second);
    location.Number(location_field::kMappingId, MappingOf(call.address));
    location.Number(location_field::kAddress, uint64_t{call.address});
    for (const Frame& frame : call.frames) {
      ProtoWriter line;
      line.Number(line_field::kFunctionId, Function(frame));
      line.Number(line_field::kLine, int64_t{frame.line});
      location.Bytes(location_field::kLine, line.bytes());
    }
    entries_.Bytes(profile_field::kLocation, location.bytes());
    return place->second;
  }

  // What is in them so far, as fields of the profile.
  const ProtoWriter& entries() const { return entries_; }

 private:
  uint64_t Function(const Frame& frame) {
    const uint64_t name = String(frame.function);
    const uint64_t file = String(frame.file);
    // Overloads that are inlined have one name.
    const auto [place, is_new] =
        functions_.try_emplace({name, file, frame.start_line}, functions_.size() + 1);
    if (is_new) {
      ProtoWriter function;
      function.Number(function_field::kId, place->second);
      function.Number(function_field::kName, name);
      // pprof demangles where both are the same. A name in C++'s own form it would spoil.
      if (frame.function.find("::") == std::string::npos) {
        function.Number(function_field::kSystemName, name);
      }
      function.Number(function_field::kFilename, file);
      function.Number(function_field::kStartLine, int64_t{frame.start_line});
      entries_.Bytes(profile_field::kFunction, function.bytes());
    }
    return place->second;
  }

  // 0: none.
  uint64_t MappingOf(uintptr_t address) const {
    for (size_t i = 0; i < segments_.size(); ++i) {
      if (address >= segments_[i].start && address < segments_[i].limit) return i + 1;
    }
    return 0;
  }

  std::vector<Segment> segments_;
  ProtoWriter entries_;
  std::unordered_map<std::string, uint64_t> strings_;
  std::map<std::tuple<uint64_t, uint64_t, int>, uint64_t> functions_;
  std::map<std::pair<uintptr_t, size_t>, uint64_t> locations_;
};

}  // namespace

std::string Gzip(const std::string& plain) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, /*memLevel=*/8, Z_DEFAULT_STRATEGY);
  std::string compressed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

}  // namespace internal

std::string Encode(const Profile& profile, Kind kind) {
  using namespace internal;  // NOLINT(google-build-using-namespace)
  Unsampled quiet;
  Tables tables;
  ProtoWriter proto;
  proto.Bytes(profile_field::kPeriodType, tables.ValueType("space", "bytes"));
  proto.Number(profile_field::kPeriod, profile.rate);
  for (const auto& [name, unit] :
       {std::pair("alloc_objects", "count"), std::pair("alloc_space", "bytes"),
        std::pair("inuse_objects", "count"), std::pair("inuse_space", "bytes")}) {
    proto.Bytes(profile_field::kSampleType, tables.ValueType(name, unit));
  }
  if (kind == Kind::kAllocs) {
    proto.Number(profile_field::kDefaultSampleType, tables.String("alloc_space"));
  }
  proto.Number(profile_field::kTimeNanos, profile.time_unix_ns);
  proto.Number(profile_field::kDurationNanos, profile.duration_ns);
  const uint64_t bytes_label = tables.String("bytes");
  for (const Sample& sample : profile.samples) {
    std::vector<uint64_t> locations;
    for (const Call& call : VisibleCalls(sample.stack)) locations.push_back(tables.Location(call));
    std::vector<uint64_t> values;
    for (const auto& [objects, bytes] : {std::pair(sample.alloc_objects, sample.alloc_bytes),
                                         std::pair(sample.inuse_objects, sample.inuse_bytes)}) {
      const Estimate estimate =
          ScaleHeapSample(static_cast<int64_t>(objects), static_cast<int64_t>(bytes), sample.rate);
      values.push_back(static_cast<uint64_t>(estimate.objects));
      values.push_back(static_cast<uint64_t>(estimate.bytes));
    }
    ProtoWriter encoded;
    encoded.Numbers(sample_field::kLocationId, locations);
    encoded.Numbers(sample_field::kValue, values);
    if (sample.bytes_each != 0) {
      ProtoWriter label;
      label.Number(label_field::kKey, bytes_label);
      label.Number(label_field::kNum, sample.bytes_each);
      encoded.Bytes(sample_field::kLabel, label.bytes());
    }
    proto.Bytes(profile_field::kSample, encoded.bytes());
  }
  proto.Append(tables.entries());
  return Gzip(proto.bytes());
}

}  // namespace heapwise::pprof
