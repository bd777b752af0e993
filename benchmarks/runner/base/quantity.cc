#include "benchmarks/runner/base/quantity.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"

namespace heapwise::runner {
namespace {

constexpr char kUnits[] = "Ki, Mi, Gi, Ti, Pi, Ei (1024) and k, M, G, T, P, E (1000)";

// A number of any length, exactly: its digits, and how many of them stand before the point (fewer than none where
// it begins with zeros behind the point).
struct Decimal {
  std::string digits;
  int64_t before_point;
};

void MultiplyBy1024(Decimal& number) {
  int carry = 0;
  for (auto digit = number.digits.rbegin(); digit != number.digits.rend(); ++digit) {
    const int product = (*digit - '0') * 1024 + carry;
    *digit = static_cast<char>('0' + product % 10);
    carry = product / 10;
  }
  for (; carry > 0; carry /= 10) {
    number.digits.insert(number.digits.begin(), static_cast<char>('0' + carry % 10));
    ++number.before_point;
  }
}

// What a suffix multiplies by: 1024 to a power, and 10 to a power.
struct Factor {
  int powers_of_1024 = 0;
  int64_t powers_of_10 = 0;
};

std::optional<Factor> FactorOf(std::string_view suffix) {
  constexpr std::string_view kLetters = "KMGTPE";
  if (suffix.size() == 2 && suffix[1] == 'i') {
    const size_t place = kLetters.find(suffix[0]);
    if (place == std::string_view::npos) return std::nullopt;
    return Factor{static_cast<int>(place) + 1, 0};
  }
  constexpr std::string_view kDecimal = "num kMGTPE";
  if (suffix.empty()) return Factor{};
  if (suffix.size() == 1) {
    const size_t place = kDecimal.find(suffix[0]);
    if (place == std::string_view::npos || suffix[0] == ' ') return std::nullopt;
    return Factor{0, 3 * (static_cast<int64_t>(place) - 3)};
  }
  if (suffix[0] != 'e' && suffix[0] != 'E') return std::nullopt;
  suffix.remove_prefix(1);
  const bool plus = suffix[0] == '+';
  if (plus) suffix.remove_prefix(1);
  int32_t exponent = 0;
  const auto [end, error] = std::from_chars(suffix.data(), suffix.data() + suffix.size(), exponent);
  if (error != std::errc() || end != suffix.data() + suffix.size() || (plus && exponent < 0)) {
    return std::nullopt;
  }
  return Factor{0, exponent};
}

bool AllZero(std::string_view digits) {
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c == '0'; });
}

}  // namespace

absl::StatusOr<int64_t> ParseQuantity(std::string_view text) {
  if (text.empty()) {
    return absl::InvalidArgumentError("is empty; a quantity is a number and a unit, such as 512Mi");
  }
  std::string_view rest = text;
  const bool negative = rest[0] == '-';
  if (negative || rest[0] == '+') rest.remove_prefix(1);
  Decimal number = {"", 0};
  bool point = false;
  size_t used = 0;
  for (; used < rest.size(); ++used) {
    const char c = rest[used];
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      number.digits.push_back(c);
      if (!point) ++number.before_point;
    } else {
      break;
    }
  }
  if (number.digits.empty()) {
    return absl::InvalidArgumentError("is no quantity: it must begin with a number, such as 512Mi");
  }
  const std::string_view suffix = rest.substr(used);
  const std::optional<Factor> factor = FactorOf(suffix);
  if (!factor) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "is no quantity: '%s' is no unit of Kubernetes; there are %s, such as 512Mi",
        absl::Utf8SafeCEscape(std::string(suffix)), kUnits));
  }
  if (AllZero(number.digits)) return 0;
  for (int i = 0; i < factor->powers_of_1024; ++i) MultiplyBy1024(number);
  number.before_point += factor->powers_of_10;

  const size_t first = number.digits.find_first_not_of('0');
  const int64_t whole_digits = number.before_point - static_cast<int64_t>(first);
  const absl::Status too_large = absl::InvalidArgumentError(
      "is more than a quantity can hold: at most 9223372036854775807 bytes, just under 8Ei");
  if (whole_digits > 19) return too_large;
  uint64_t value = 0;  // of 19 digits at most
  const size_t end = static_cast<size_t>(std::max<int64_t>(0, number.before_point));
  for (size_t i = first; i < end; ++i) {
    value =
        value * 10 + static_cast<uint64_t>(i < number.digits.size() ? number.digits[i] - '0' : 0);
  }
  const std::string_view behind =
      std::string_view(number.digits).substr(std::min(end, number.digits.size()));
  if (!AllZero(behind)) ++value;
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return too_large;
  return negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

}  // namespace heapwise::runner
