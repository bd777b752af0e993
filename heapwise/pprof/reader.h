#ifndef HEAPWISE_PPROF_READER_H_
#define HEAPWISE_PPROF_READER_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

// Reads profiles in pprof's format (profile.proto, compressed with gzip or not), ours and Go's: what `go tool pprof -top`
// and `-list` show, in small. A library of its own: a program that only reads need not be profiled.
//
//   const absl::StatusOr<heapwise::pprof::ParsedProfile> profile = heapwise::pprof::Parse(bytes);
//   if (!profile.ok()) ...
//   for (const auto& [function, bytes] : heapwise::pprof::BytesByFunction(*profile, "inuse_space")) ...
namespace heapwise::pprof {

// A line of a function on a stack. What is not known is empty or 0.
struct Line {
  std::string file;
  int64_t line = 0;
  std::string function;    // demangled
  int64_t start_line = 0;  // where the function begins

  auto operator<=>(const Line&) const = default;
};

struct ParsedSample {
  // Innermost first, inlined calls included; one empty line for an unknown address
  std::vector<Line> stack;
  std::vector<int64_t> values;  // as many as the profile has types, and in their order
};

struct ParsedProfile {
  // "alloc_objects", "alloc_space", "inuse_objects", "inuse_space" in a heap profile
  std::vector<std::string> types;
  std::string default_type;  // may be empty
  int64_t period = 0;        // in a heap profile MemProfileRate
  int64_t time_unix_ns = 0;
  int64_t duration_ns = 0;  // of a delta
  std::vector<ParsedSample> samples;
};

// What a profile may take when it is no longer compressed. Those of our programs have a few hundred KiB.
inline constexpr size_t kMaxProfileBytes = size_t{256} << 20;

// The profile in these bytes. InvalidArgument where they are none: cut short, changed, something else, or with references
// to what is not there. ResourceExhausted where more than max_bytes come out of them.
absl::StatusOr<ParsedProfile> Parse(std::string_view encoded, size_t max_bytes = kMaxProfileBytes);

// The values of that type, added up by the innermost line of each sample for which `counts` holds. Samples without one are
// left out, and so is all of a profile without the type. Estimates as they are in the profile, which has scaled them.
using LineFilter = std::function<bool(const Line&)>;
std::map<Line, int64_t> BytesByLine(
    const ParsedProfile& profile, std::string_view type,
    const LineFilter& counts = [](const Line&) { return true; });

// The same by the innermost function.
std::map<std::string, int64_t> BytesByFunction(const ParsedProfile& profile, std::string_view type);

namespace internal {

// `encoded` without the compression of gzip, if it has one. Errors as those of Parse.
absl::StatusOr<std::string> Decompress(std::string_view encoded,
                                       size_t max_bytes = kMaxProfileBytes);

}  // namespace internal
}  // namespace heapwise::pprof

#endif  // HEAPWISE_PPROF_READER_H_
