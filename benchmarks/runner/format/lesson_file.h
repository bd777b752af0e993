// What a lesson declares about itself: lesson.json (docs/FORMAT.md), read strictly, and the choice of
// lessons by what a user types.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FORMAT_LESSON_FILE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FORMAT_LESSON_FILE_H_

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/format/measures.h"
#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/verdict.h"

namespace heapwise::runner {

struct DeclaredVariant {
  std::string name;  // Google Benchmark's
  std::string label;
  std::string code;         // the file that shows it, or empty
  bool quick = true;        // false: left out of the quick mode
  Environment environment;  // what its process finds set; only where isolation is "process"
};

struct Claim {
  enum class Kind { kRatio, kExact };

  std::string id;
  std::string says;
  Kind kind = Kind::kRatio;
  std::string measure;
  std::string of;
  std::string over;                                              // ratio only
  stats::Expect expect = stats::Expect::kMore;                   // ratio only
  stats::ExpectExact expect_exact = stats::ExpectExact::kEqual;  // exact only
  double value = 0;                                              // exact only
  double threshold = stats::kPracticalThreshold;                 // ratio only
  std::string shown;                                             // the finding, with {estimate}
  std::string contradicted;
  std::string remark;
};

// A row of a pair chart.
struct PairRow {
  std::string label;
  std::string slow;
  std::string fast;
};

// A curve of a growth chart: its points are (x, variant).
struct Series {
  std::string label;
  std::string role;
  std::vector<std::pair<double, std::string>> points;
};

// The heap profile of a process at its end, beside those that a lesson saves under names of its own.
inline constexpr char kEndProfile[] = "end";

struct Chart {
  enum class Kind {
    kPair,
    kGrowth,
    kSawtooth,
    kPareto,
    kPauses,
    kPhases,
    kIcicle,
    kSurvival,
    kWaterfall
  };

  Kind kind = Kind::kPair;
  std::string id;
  std::string claim;
  std::string measure;              // pair, growth, survival and waterfall
  std::vector<PairRow> rows;        // pair
  std::string x_label;              // growth and survival
  std::string x_unit;               // growth and survival
  std::vector<Series> series;       // growth; survival: one, its curve
  std::string x, y;                 // pareto: the measures of the axes
  std::optional<double> target_ns;  // pauses
  // The variants: sawtooth's panels, pareto's points, pauses' and phases' rows, icicle's, waterfall's, survival's
  // beside the curve.
  std::vector<std::string> points;
  // icicle: the profiles it shows, as (variant, name); where there are two, what the first has more than the second.
  std::vector<std::pair<std::string, std::string>> profiles;
};

struct LessonFile {
  enum class Isolation { kTogether, kProcess };

  std::string name;  // "05-value-return": the directory
  std::string title;
  std::string pattern;
  int minutes = 0;
  std::string operation;
  Isolation isolation = Isolation::kTogether;
  std::string slow, fast, control;  // the headline pair and the fast variant's second registration
  std::vector<DeclaredVariant> variants;  // as declared; the control is not among them
  std::vector<Claim> claims;
  std::vector<Chart> charts;
  std::vector<Measure> own_measures;  // with the labels and units that it declares
  bool whole = true;                  // false: OnlyVariants left some out

  // The measure as the lesson declares it, or as the table has it (measures.h).
  Measure MeasureNamed(std::string_view measure_name) const;
  const DeclaredVariant* FindVariant(std::string_view variant_name) const;
  // What is set for this variant's process; for the control's, as for the fast variant's.
  const Environment& EnvironmentOf(const std::string& variant_name) const;
  // The (variant, measure) pairs that claims and charts cannot do without.
  std::vector<std::pair<std::string, std::string>> NeededSamples() const;
  // The (variant, profile) pairs that icicle charts show, each once.
  std::set<std::pair<std::string, std::string>> NeededProfiles() const;
  // The variants that sawtooth and pauses charts show, each once.
  std::vector<std::string> TimelineVariants() const;
};

// The lesson that `text` declares. `file_name` is what errors call it; an error names the field and what
// would be right.
absl::StatusOr<LessonFile> ParseLessonFile(std::string_view lesson_name,
                                           const std::string& file_name, std::string_view text);

// Reads root/lessons/`lesson_name`/lesson.json.
absl::StatusOr<LessonFile> ReadLessonFile(const std::filesystem::path& root,
                                          std::string_view lesson_name);

// The lesson without the variants that `keep` does not hold, and without the claims, rows, series and
// charts that need one of those. A growth curve keeps its other points.
LessonFile OnlyVariants(const LessonFile& lesson, const std::vector<std::string>& keep);

// The lesson as the quick mode measures it: without the variants that are marked "quick": false.
LessonFile QuickLesson(const LessonFile& lesson);

// The directories of root/lessons that hold a lesson.json, in order.
std::vector<std::string> LessonNames(const std::filesystem::path& root);

// The lesson that a user means by a number ("05", "5"), the name or a part of one name ("value"). An error
// names the lessons there are.
absl::StatusOr<std::string> ResolveLesson(const std::vector<std::string>& names,
                                          const std::string& typed);

// The name with what has a meaning in a path replaced: "slow/1024/iterations:10" is
// "slow_1024_iterations_10".
std::string FileNamePart(std::string name);

// "together" or "process", as in the files.
std::string IsolationName(LessonFile::Isolation isolation);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FORMAT_LESSON_FILE_H_
