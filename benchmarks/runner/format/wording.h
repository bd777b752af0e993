// Numbers in words, as findings, tables and charts say them. Pure functions.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FORMAT_WORDING_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FORMAT_WORDING_H_

#include <string>
#include <string_view>

#include "benchmarks/runner/format/measures.h"
#include "benchmarks/stats/interval.h"

namespace heapwise::runner {

// For a sentence, at most three digits: "22 times", "2.4 times", "1.04 times", "0.42 times", "1,230 times".
std::string RatioWords(double ratio);

// For a table: "22.1", "2.41", "1.048", "0.424".
std::string RatioNumber(double ratio);

// A ratio with its interval, precise enough to be held against the 5 % threshold, all three to as many
// decimals as the estimate needs: {"22.1", "21.9", "22.6"}, {"1.048", "1.021", "1.077"}.
struct RatioNumbers {
  std::string estimate;
  std::string low;
  std::string high;
};
RatioNumbers RatioInNumbers(const stats::Interval& ratio);

// A value with its unit: "1 allocation", "43.1 ns", "1.2 ms", "64 KiB", "12 %", "3 collections".
std::string QuantityWords(double value, const Measure& measure);

// The same with the least and the greatest value: "1.5 allocations (1 to 2)", "18.3 KiB (9.9 KiB to 1.1 MiB)".
std::string QuantityRange(const stats::Interval& values, const Measure& measure);

// "1.5 KiB", "512 MiB", "1.23 GiB".
std::string BytesWords(double bytes);

// A fraction: "0.6 %", "12 %", "under 0.1 %"; and as a mere number, for a range of them: "0.6", "12".
std::string PercentWords(double fraction);
std::string PercentNumber(double fraction);

// A duration in seconds for people: "8 s", "1 min 20 s".
std::string SecondsWords(double seconds);

// The template with every "{estimate}" replaced.
std::string FillEstimate(std::string_view sentence, const std::string& estimate);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FORMAT_WORDING_H_
