#include "benchmarks/runner/format/wording.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace heapwise::runner {
namespace {

std::string Decimals(double value, int decimals) {
  return absl::StrFormat("%.*f", decimals, value);
}

// "1234567" as "1,234,567".
std::string WithCommas(double whole) {
  const std::string digits = Decimals(whole, 0);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    const bool group = i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-';
    if (group) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

// `value` to so many significant digits, never in the exponential form.
std::string Significant(double value, int digits) {
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (magnitude >= digits) {
    const double step = std::pow(10, magnitude - digits + 1);
    return WithCommas(std::round(value / step) * step);
  }
  return Decimals(value, digits - 1 - magnitude);
}

// As Significant, without zeros at the end: "1.5", "2".
std::string Short(double value, int digits) {
  std::string text = Significant(value, digits);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text;
}

struct Scale {
  double size;
  const char* unit;
};

std::string Scaled(double value, const Scale* begin, const Scale* end) {
  const Scale* scale = begin;
  while (scale + 1 != end && std::abs(value) >= (scale + 1)->size) ++scale;
  return Short(value / scale->size, 3) + " " + scale->unit;
}

constexpr Scale kNs[] = {{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
constexpr Scale kBytes[] = {
    {1, "B"}, {1024, "KiB"}, {1024.0 * 1024, "MiB"}, {1024.0 * 1024 * 1024, "GiB"}};

// Whether the unit is a word that has a singular: "allocations", unlike "µs".
bool IsPlural(std::string_view unit) {
  const bool word = std::all_of(unit.begin(), unit.end(),
                                [](char c) { return (c >= 'a' && c <= 'z') || c == ' '; });
  return word && unit.size() > 2 && unit.ends_with('s');
}

// A count of things: whole numbers in full, others to three digits; "1 allocation", "2 allocations".
std::string Count(double value, std::string_view plural) {
  const bool whole = value == std::round(value) && std::abs(value) < 1e15;
  const std::string number = whole ? WithCommas(value) : Short(value, 3);
  std::string noun(plural);
  if (value == 1 && IsPlural(noun)) noun.pop_back();
  return number + " " + noun;
}

}  // namespace

std::string RatioWords(double ratio) {
  std::string number;
  if (ratio >= 9.95) {
    number = ratio >= 99.5 ? Significant(ratio, 3) : Decimals(ratio, 0);
  } else if (ratio >= 1.995) {
    number = Decimals(ratio, 1);
  } else if (ratio >= 0.1) {
    number = Decimals(ratio, 2);
  } else {
    number = Significant(ratio, 2);
  }
  return number + " times";
}

std::string RatioNumber(double ratio) { return RatioInNumbers({ratio, ratio, ratio}).estimate; }

RatioNumbers RatioInNumbers(const stats::Interval& ratio) {
  int decimals = 3;
  if (ratio.estimate >= 1.9995) decimals = 2;
  if (ratio.estimate >= 9.995) decimals = 1;
  if (ratio.estimate >= 99.95) decimals = 0;
  const auto number = [&](double value) {
    if (ratio.estimate < 0.1) return Significant(value, 3);
    return decimals == 0 ? WithCommas(value) : Decimals(value, decimals);
  };
  return {number(ratio.estimate), number(ratio.low), number(ratio.high)};
}

std::string QuantityWords(double value, const Measure& measure) {
  if (measure.unit == "ns") return Scaled(value, std::begin(kNs), std::end(kNs));
  if (measure.unit == "bytes") return BytesWords(value);
  if (measure.unit == "fraction") return PercentWords(value);
  if (measure.unit == "per second") return Short(value, 3) + " per second";
  if (measure.unit.empty()) return Short(value, 6);
  return Count(value, measure.unit);
}

std::string QuantityRange(const stats::Interval& values, const Measure& measure) {
  const std::string estimate = QuantityWords(values.estimate, measure);
  std::string low = QuantityWords(values.low, measure);
  std::string high = QuantityWords(values.high, measure);
  const auto unit = [](const std::string& words) {
    return words.substr(std::min(words.find(' '), words.size()));
  };
  // "1 allocation" and "2 allocations" are of one unit; "s" and "ns" are not.
  const auto same = [&](const std::string& a, const std::string& b) {
    return a == b || (IsPlural(measure.unit) && (a + "s" == b || b + "s" == a));
  };
  if (same(unit(low), unit(estimate)) && same(unit(high), unit(estimate))) {
    low.resize(low.size() - unit(low).size());
    high.resize(high.size() - unit(high).size());
  }
  return absl::StrFormat("%s (%s to %s)", estimate, low, high);
}

std::string BytesWords(double bytes) { return Scaled(bytes, std::begin(kBytes), std::end(kBytes)); }

std::string PercentWords(double fraction) {
  const double percent = 100 * fraction;
  if (percent == 0) return "0 %";
  if (percent > 0 && percent < 0.05) return "under 0.1 %";
  return PercentNumber(fraction) + " %";
}

std::string PercentNumber(double fraction) {
  const double percent = 100 * fraction;
  return Decimals(percent, std::abs(percent) < 9.95 ? 1 : 0);
}

std::string SecondsWords(double seconds) {
  const int64_t whole = std::llround(std::max(0.0, seconds));
  if (whole < 60) return absl::StrFormat("%d s", whole);
  return absl::StrFormat("%d min %d s", whole / 60, whole % 60);
}

std::string FillEstimate(std::string_view sentence, const std::string& estimate) {
  return absl::StrReplaceAll(std::string(sentence), {{"{estimate}", estimate}});
}

}  // namespace heapwise::runner
