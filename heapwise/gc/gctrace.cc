#include "heapwise/gc/gctrace.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

namespace heapwise::runtime {
namespace {

class Line {
 public:
  explicit Line(char (&out)[kGctraceLineBytes]) : begin_(out), end_(out + sizeof out), next_(out) {}

  Line& operator<<(std::string_view text) {
    const size_t n = std::min<size_t>(text.size(), static_cast<size_t>(end_ - next_));
    std::memcpy(next_, text.data(), n);
    next_ += n;
    return *this;
  }

  Line& operator<<(uint64_t n) {
    next_ = std::to_chars(next_, end_, n).ptr;
    return *this;
  }

  // n / 10^decimals with exactly that many decimals (print.go: itoaDiv).
  Line& Fixed(uint64_t n, int decimals) {
    uint64_t unit = 1;
    for (int i = 0; i < decimals; ++i) unit *= 10;
    *this << n / unit;
    if (decimals == 0) return *this;
    *this << ".";
    for (uint64_t rest = n % unit; unit > 1; rest %= unit) {
      unit /= 10;
      *this << rest / unit;
    }
    return *this;
  }

  // Nanoseconds as milliseconds with two digits of precision (mgc.go:2233, fmtNSAsMS).
  Line& Millis(uint64_t ns) {
    if (ns >= 10'000'000) return Fixed(ns / 1'000'000, 0);
    uint64_t x = ns / 1000;
    if (x == 0) return *this << "0";
    int decimals = 3;
    for (; x >= 100; x /= 10) --decimals;
    return Fixed(x, decimals);
  }

  size_t size() const { return static_cast<size_t>(next_ - begin_); }

 private:
  char* begin_;
  char* end_;
  char* next_;
};

}  // namespace

size_t FormatGctrace(const Collection& c, double gc_cpu_fraction, int processors,
                     char (&out)[kGctraceLineBytes]) {
  const uint64_t stopped = c.pause_ns - c.stop_ns;
  const auto p = static_cast<uint64_t>(processors);
  Line line(out);
  line << "gc " << c.n << " @";
  line.Fixed(static_cast<uint64_t>(c.start_s * 1000), 3) << "s ";
  line << static_cast<uint64_t>(gc_cpu_fraction * 100) << "%: ";
  line.Millis(c.stop_ns) << "+";
  line.Millis(c.concurrent_mark_ns) << "+";
  line.Millis(stopped) << " ms clock, ";
  line.Millis(c.stop_ns * p) << "+";
  line.Millis(c.concurrent_mark_ns) << "/0/0+";
  line.Millis(stopped * p) << " ms cpu, ";
  const uint64_t before = c.heap_before_bytes >> 20;
  line << before << "->" << before << "->" << (c.heap_after_bytes >> 20) << " MB, ";
  line << (c.goal_bytes >> 20) << " MB goal, " << (c.stack_bytes >> 20) << " MB stacks, ";
  line << (c.globals_bytes >> 20) << " MB globals, " << p << " P";
  if (c.forced) line << " (forced)";
  line << "\n";
  return line.size();
}

}  // namespace heapwise::runtime
