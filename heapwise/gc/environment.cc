#include "heapwise/gc/environment.h"

namespace heapwise::runtime {
namespace {

// A sign or none, then digits.
std::optional<int64_t> ParseInt64(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  constexpr uint64_t kMaxInt64 = std::numeric_limits<int64_t>::max();
  const uint64_t max = negative ? kMaxInt64 + 1 : kMaxInt64;
  uint64_t magnitude = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const uint64_t digit = static_cast<uint64_t>(c - '0');
    if (magnitude > (max - digit) / 10) return std::nullopt;
    magnitude = magnitude * 10 + digit;
  }
  return static_cast<int64_t>(negative ? -magnitude : magnitude);
}

std::optional<int> ParseInt32(std::string_view text) {
  const std::optional<int64_t> n = ParseInt64(text);
  if (!n || *n < std::numeric_limits<int32_t>::min() || *n > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int>(*n);
}

}  // namespace

int ParseGogc(std::string_view value) {
  if (value == "off") return -1;
  const int percent = ParseInt32(value).value_or(100);
  return percent < 0 ? -1 : percent;
}

std::optional<int64_t> ParseByteCount(std::string_view text) {
  uint64_t unit = 1;
  if (text.ends_with('B')) {
    text.remove_suffix(1);
    if (text.ends_with('i')) {
      text.remove_suffix(1);
      if (text.empty()) return std::nullopt;
      switch (text.back()) {
        case 'K':
          unit = uint64_t{1} << 10;
          break;
        case 'M':
          unit = uint64_t{1} << 20;
          break;
        case 'G':
          unit = uint64_t{1} << 30;
          break;
        case 'T':
          unit = uint64_t{1} << 40;
          break;
        default:
          return std::nullopt;
      }
      text.remove_suffix(1);
    }
  }
  const std::optional<int64_t> n = ParseInt64(text);
  if (!n || *n < 0) return std::nullopt;
  if (static_cast<uint64_t>(*n) > std::numeric_limits<int64_t>::max() / unit) return std::nullopt;
  return static_cast<int64_t>(static_cast<uint64_t>(*n) * unit);
}

std::optional<int64_t> ParseGomemlimit(std::string_view value) {
  if (value.empty() || value == "off") return kNoMemoryLimit;
  return ParseByteCount(value);
}

int ParseGodebug(std::string_view godebug, std::string_view name) {
  int number = 0;
  while (!godebug.empty()) {
    const size_t comma = godebug.find(',');
    const std::string_view field = godebug.substr(0, comma);
    godebug.remove_prefix(comma == std::string_view::npos ? godebug.size() : comma + 1);
    const size_t equals = field.find('=');
    if (equals == std::string_view::npos || field.substr(0, equals) != name) continue;
    number = ParseInt32(field.substr(equals + 1)).value_or(number);
  }
  return number;
}

}  // namespace heapwise::runtime
