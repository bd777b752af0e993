// The table of measures (docs/FORMAT.md): what each is called on a chart, its unit, whether it is a timing, on which
// noise acts, or deterministic, and whether less of it or more is better. It is measures.json, which
// scripts/charts/measures.py reads too; measures.cmake makes C++ of it.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FORMAT_MEASURES_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FORMAT_MEASURES_H_

#include <string>
#include <string_view>

#include "benchmarks/stats/pareto.h"

namespace heapwise::runner {

// What every report has: time per operation in ns, and how many operations there were. The second is no measure of the
// table; it is kept with the samples.
inline constexpr char kTime[] = "time_ns";
inline constexpr char kIterations[] = "iterations";

struct Measure {
  std::string name;
  std::string label;  // "time per call"
  std::string unit;   // "ns", "bytes", "allocations", "" for a plain number
  bool timing = true;
  stats::Better better = stats::Better::kLess;
};

// The measure of that name in a lesson whose operation is, say, "call". A name that the table does not
// hold is a measure of the lesson's own: shown by its name, treated as timing.
Measure FindMeasure(std::string_view name, std::string_view operation);

// Whether the table holds it.
bool IsKnownMeasure(std::string_view name);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FORMAT_MEASURES_H_
