#include "heapwise/pprof/reader.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "heapwise/pprof/demangle.h"
#include "profile.pb.h"

namespace heapwise::pprof {
namespace {

namespace proto = perftools::profiles;

constexpr int kGzip = 15 + 16;  // zlib's largest window, in a gzip wrapper

template <class... Part>
absl::Status NoProfile(const Part&... part) {
  return absl::InvalidArgumentError(absl::StrCat("not a profile: ", part...));
}

// The state of zlib while it decompresses.
struct Inflation {
  z_stream stream{};
  bool ok = inflateInit2(&stream, kGzip) == Z_OK;

  Inflation() = default;
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation() {
    if (ok) inflateEnd(&stream);
  }
};

// Puts together what profile.proto keeps in tables.
class Reader {
 public:
  explicit Reader(const proto::Profile& message) : message_(message) {}

  absl::StatusOr<ParsedProfile> Parse() {
    if (message_.string_table().empty() || !message_.string_table(0).empty()) {
      return NoProfile("its first string is not the empty one");
    }
    ParsedProfile profile{.types = {},
                          .default_type = String(message_.default_sample_type()),
                          .period = message_.period(),
                          .time_unix_ns = message_.time_nanos(),
                          .duration_ns = message_.duration_nanos(),
                          .samples = {}};
    for (const auto& type : message_.sample_type()) profile.types.push_back(String(type.type()));
    ReadFunctions();
    ReadLocations();
    for (const auto& sample : message_.sample()) profile.samples.push_back(Sample(sample));
    if (!status_.ok()) return status_;
    return profile;
  }

 private:
  // The first thing that is wrong stays so.
  template <class... Part>
  void Fail(const Part&... part) {
    if (status_.ok()) status_ = NoProfile(part...);
  }

  std::string String(int64_t index) {
    if (index >= 0 && index < message_.string_table_size()) {
      return message_.string_table(static_cast<int>(index));
    }
    Fail("there is no string ", index);
    return "";
  }

  void ReadFunctions() {
    for (const auto& function : message_.function()) {
      functions_[function.id()] = {.file = String(function.filename()),
                                   .line = 0,
                                   .function = internal::Demangle(String(function.name())),
                                   .start_line = function.start_line()};
    }
  }

  void ReadLocations() {
    for (const auto& location : message_.location()) {
      std::vector<Line>& lines = locations_[location.id()];
      for (const auto& line : location.line()) {
        const auto function = functions_.find(line.function_id());
        if (function == functions_.end()) return Fail("there is no function ", line.function_id());
        lines.push_back(function->second);
        lines.back().line = line.line();
      }
      if (lines.empty()) lines.emplace_back();
    }
  }

  ParsedSample Sample(const proto::Sample& sample) {
    ParsedSample result{.stack = {}, .values = {sample.value().begin(), sample.value().end()}};
    if (sample.value_size() != message_.sample_type_size()) {
      Fail("a sample has ", sample.value_size(), " values for ", message_.sample_type_size(),
           " types");
    }
    for (const uint64_t id : sample.location_id()) {
      const auto location = locations_.find(id);
      if (location == locations_.end()) {
        Fail("there is no location ", id);
        break;
      }
      const std::vector<Line>& lines = location->second;
      result.stack.insert(result.stack.end(), lines.begin(), lines.end());
    }
    return result;
  }

  const proto::Profile& message_;
  std::unordered_map<uint64_t, Line> functions_;
  std::unordered_map<uint64_t, std::vector<Line>> locations_;
  absl::Status status_;
};

}  // namespace

namespace internal {

absl::StatusOr<std::string> Decompress(std::string_view encoded, size_t max_bytes) {
  const auto too_large = [max_bytes] {
    return absl::ResourceExhaustedError(
        absl::StrCat("the profile is larger than ", max_bytes, " bytes"));
  };
  if (!encoded.starts_with("\x1f\x8b")) {
    if (encoded.size() > max_bytes) return too_large();
    return std::string(encoded);
  }
  if (encoded.size() > std::numeric_limits<uInt>::max()) return too_large();
  Inflation inflation;
  if (!inflation.ok) return absl::ResourceExhaustedError("no memory to decompress a profile");
  z_stream& stream = inflation.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(encoded.data()));
  stream.avail_in = static_cast<uInt>(encoded.size());
  std::string plain;
  while (true) {
    char part[1 << 14];
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof part;
    const int status = inflate(&stream, Z_NO_FLUSH);
    plain.append(part, sizeof part - stream.avail_out);
    if (plain.size() > max_bytes) return too_large();
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) return plain;
      inflateReset(&stream);  // gzip allows several members, one after the other
    } else if (status == Z_BUF_ERROR) {
      return NoProfile("it is cut short");
    } else if (status != Z_OK) {
      return NoProfile(stream.msg == nullptr ? "gzip cannot read it" : stream.msg);
    }
  }
}

}  // namespace internal

absl::StatusOr<ParsedProfile> Parse(std::string_view encoded, size_t max_bytes) {
  const absl::StatusOr<std::string> plain = internal::Decompress(encoded, max_bytes);
  if (!plain.ok()) return plain.status();
  proto::Profile message;
  if (!message.ParseFromString(*plain)) return NoProfile("its fields do not fit together");
  return Reader(message).Parse();
}

std::map<Line, int64_t> BytesByLine(const ParsedProfile& profile, std::string_view type,
                                    const LineFilter& counts) {
  std::map<Line, int64_t> bytes;
  const auto place = std::ranges::find(profile.types, type);
  if (place == profile.types.end()) return bytes;
  const auto index = static_cast<size_t>(place - profile.types.begin());
  for (const ParsedSample& sample : profile.samples) {
    const auto line = std::ranges::find_if(sample.stack, counts);
    if (line != sample.stack.end()) bytes[*line] += sample.values[index];
  }
  return bytes;
}

std::map<std::string, int64_t> BytesByFunction(const ParsedProfile& profile,
                                               std::string_view type) {
  std::map<std::string, int64_t> bytes;
  for (const auto& [line, n] : BytesByLine(profile, type)) bytes[line.function] += n;
  return bytes;
}

}  // namespace heapwise::pprof
