// `heapwise compare A B`: what changed between two recorded runs beyond the noise.
//
// Blocks of different runs are no pairs, so two runs are compared as two independent samples: times
// by the Hodges-Lehmann shift of their logarithms with its Mann-Whitney interval (stats/ratio.h). A
// change counts when its whole interval lies beyond the noise floor: the practical threshold, or
// what the control of either run cannot tell apart, whichever is greatest. B is read as what came
// after A. Pure functions, but for RunCompare(); safe from any thread.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_COMPARE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_COMPARE_H_

#include <filesystem>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/runner/format/measures.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/stats/interval.h"

namespace heapwise::runner {

struct Change {
  bool beyond_noise;
  std::string words;
};

// The noise floor of a lesson's comparison, as a fraction (0.05 = 5 %). A run with too few blocks
// for a control adds nothing to it.
double NoiseFloor(const LessonRecord& a, const LessonRecord& b);

// Times per operation: "faster by 12 % (10-14 %)", "3.1 times as long (2.94-3.28)", "no change beyond
// the noise" where the interval lies within the floor, "too noisy to tell (-3 % to +20 %)" where it
// does not.
Change CompareTimes(std::span<const double> a, std::span<const double> b, double noise_floor);

// A deterministic measure. Where every block of a run has the same whole number, any difference
// counts: "allocates 2 instead of 1". Else the medians have to differ by more than the practical
// threshold, and the interval of the difference has to exclude 0.
Change CompareCounts(const Measure& measure, std::span<const double> a, std::span<const double> b);

// Two ratios, each with the interval of its own run: "smaller by 9.1 % (7.0-11 %)". The interval of
// the quotient is put together from the two on the log scale: Zou, Donner (2008), Construction of
// confidence limits about effect measures: a general approach, Statistics in Medicine 27(10),
// equation for a difference of independent estimates.
Change CompareRatios(const stats::Interval& a, const stats::Interval& b, double noise_floor);

// "compiler: GNU 12.2.0 -> Clang 14.0.6" for each condition in which the runs differ.
std::vector<std::string> DifferingConditions(const RunRecord& a, const RunRecord& b);

// Compares the runs in the directories `a` and `b` and prints the tables to `out`. Claims are judged anew, as `heapwise
// verdicts` does it, by the lesson.json under `root`. The exit status: 0, whatever changed; 1 where a lesson's file is
// missing or malformed: a line on `err` names it, the other lessons are compared; also where its lesson.json is, and
// then only its claims are left out; 2 with one line where it is a run.json.
int RunCompare(const std::filesystem::path& root, const std::filesystem::path& a,
               const std::filesystem::path& b, std::ostream& out, std::ostream& err);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_COMPARE_H_
