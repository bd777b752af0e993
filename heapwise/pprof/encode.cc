#include "heapwise/pprof/encode.h"

#include <zlib.h>

#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "heapwise/pprof/hooks.h"
#include "heapwise/pprof/profile.h"
#include "heapwise/pprof/scale.h"
#include "heapwise/pprof/symbolizer.h"
#include "profile.pb.h"

namespace heapwise::pprof {
namespace internal {
namespace {

constexpr int kGzip = 15 + 16;  // zlib's largest window, in a gzip wrapper

// Puts strings, functions, locations and mappings into the tables of profile.proto, each once.
class Builder {
 public:
  explicit Builder(perftools::profiles::Profile& proto) : proto_(proto) {
    String("");
    for (Segment& segment : ExecutableSegments()) {
      auto& mapping = *proto_.add_mapping();
      mapping.set_id(static_cast<uint64_t>(proto_.mapping_size()));
      mapping.set_memory_start(segment.start);
      mapping.set_memory_limit(segment.limit);
      mapping.set_file_offset(segment.offset);
      mapping.set_filename(String(segment.file));
      mapping.set_build_id(String(segment.build_id));
      // Otherwise pprof would look for the names itself.
      mapping.set_has_functions(true);
      mapping.set_has_filenames(true);
      mapping.set_has_line_numbers(true);
      mapping.set_has_inline_frames(true);
    }
  }

  int64_t String(const std::string& text) {
    const auto [place, is_new] = strings_.try_emplace(text, proto_.string_table_size());
    if (is_new) proto_.add_string_table(text);
    return place->second;
  }

  void ValueType(perftools::profiles::ValueType* type, const char* name, const char* unit) {
    type->set_type(String(name));
    type->set_unit(String(unit));
  }

  uint64_t Location(const Call& call) {
    // The same call shows fewer frames where it is the allocation itself.
    const auto [place, is_new] = locations_.try_emplace(
        {call.address, call.frames.size()}, static_cast<uint64_t>(proto_.location_size() + 1));
    if (!is_new) return place->second;
    auto& location = *proto_.add_location();
    location.set_id(place->second);
    location.set_address(call.address);
    for (const auto& mapping : proto_.mapping()) {
      if (call.address >= mapping.memory_start() && call.address < mapping.memory_limit()) {
        location.set_mapping_id(mapping.id());
      }
    }
    for (const Frame& frame : call.frames) {
      auto& line = *location.add_line();
      line.set_function_id(Function(frame));
      line.set_line(frame.line);
    }
    return place->second;
  }

 private:
  uint64_t Function(const Frame& frame) {
    const int64_t name = String(frame.function);
    const int64_t file = String(frame.file);
    // Overloads that are inlined have one name.
    const auto [place, is_new] = functions_.try_emplace(
        {name, file, frame.start_line}, static_cast<uint64_t>(proto_.function_size() + 1));
    if (is_new) {
      auto& function = *proto_.add_function();
      function.set_id(place->second);
      function.set_name(name);
      // pprof demangles where both are the same. A name in C++'s own form it would spoil.
      if (frame.function.find("::") == std::string::npos) function.set_system_name(name);
      function.set_filename(file);
      function.set_start_line(frame.start_line);
    }
    return place->second;
  }

  perftools::profiles::Profile& proto_;
  std::unordered_map<std::string, int64_t> strings_;
  std::map<std::tuple<int64_t, int64_t, int>, uint64_t> functions_;
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
  internal::Unsampled quiet;
  perftools::profiles::Profile proto;
  internal::Builder builder(proto);
  builder.ValueType(proto.mutable_period_type(), "space", "bytes");
  proto.set_period(profile.rate);
  builder.ValueType(proto.add_sample_type(), "alloc_objects", "count");
  builder.ValueType(proto.add_sample_type(), "alloc_space", "bytes");
  builder.ValueType(proto.add_sample_type(), "inuse_objects", "count");
  builder.ValueType(proto.add_sample_type(), "inuse_space", "bytes");
  if (kind == Kind::kAllocs) proto.set_default_sample_type(builder.String("alloc_space"));
  proto.set_time_nanos(profile.time_unix_ns);
  proto.set_duration_nanos(profile.duration_ns);
  const int64_t bytes_label = builder.String("bytes");
  for (const Sample& sample : profile.samples) {
    auto& encoded = *proto.add_sample();
    for (const internal::Call& call : internal::VisibleCalls(sample.stack)) {
      encoded.add_location_id(builder.Location(call));
    }
    for (const auto& [objects, bytes] : {std::pair(sample.alloc_objects, sample.alloc_bytes),
                                         std::pair(sample.inuse_objects, sample.inuse_bytes)}) {
      const internal::Estimate estimate = internal::ScaleHeapSample(
          static_cast<int64_t>(objects), static_cast<int64_t>(bytes), sample.rate);
      encoded.add_value(estimate.objects);
      encoded.add_value(estimate.bytes);
    }
    if (sample.bytes_each != 0) {
      auto& label = *encoded.add_label();
      label.set_key(bytes_label);
      label.set_num(static_cast<int64_t>(sample.bytes_each));
    }
  }
  return internal::Gzip(proto.SerializeAsString());
}

}  // namespace heapwise::pprof
