#include "benchmarks/runner/cmd/compare.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/machine.h"
#include "benchmarks/runner/base/text_table.h"
#include "benchmarks/runner/cmd/places.h"
#include "benchmarks/runner/cmd/subcommand.h"
#include "benchmarks/runner/format/measures.h"
#include "benchmarks/runner/format/wording.h"
#include "benchmarks/runner/judge/analysis.h"
#include "benchmarks/runner/judge/recorded.h"
#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/control.h"
#include "benchmarks/stats/hodges_lehmann.h"
#include "benchmarks/stats/quantile.h"
#include "benchmarks/stats/ratio.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

constexpr char kNoChange[] = "no change beyond the noise";
constexpr char kTooFewBlocks[] = "too few blocks to tell";

// The values of one variant's measure, one a block; blocks without it are left out.
std::vector<double> Values(const LessonRecord& record, const std::string& variant,
                           const std::string& measure) {
  std::vector<double> values;
  for (const Block& block : record.blocks) {
    const auto sample = block.samples.find(variant);
    if (sample == block.samples.end()) continue;
    const auto value = sample->second.find(measure);
    if (value != sample->second.end()) values.push_back(value->second);
  }
  return values;
}

std::set<std::string> MeasuresOf(const LessonRecord& record, const std::string& variant) {
  std::set<std::string> names;
  for (const Block& block : record.blocks) {
    const auto sample = block.samples.find(variant);
    if (sample == block.samples.end()) continue;
    for (const auto& [name, value] : sample->second) names.insert(name);
  }
  return names;
}

// "-3.0 % to +20 %": the ends of a ratio's interval as differences from 1.
std::string SignedPercent(double ratio) {
  return absl::StrCat(ratio < 1 ? "-" : "+", PercentNumber(std::fabs(ratio - 1)), " %");
}

// A ratio after / before against the floor. `less` and `more` are the words for either side,
// `times` for what has at least doubled: "3.1 times as long".
Change JudgeRatio(const std::optional<stats::Interval>& ratio, double floor, const char* less,
                  const char* more, const char* times) {
  if (!ratio) return {false, kTooFewBlocks};
  // Symmetric on the log scale, so that swapping the two runs swaps the words and nothing else.
  const double upper = 1 + floor, lower = 1 / upper;
  if (ratio->high < lower) {
    return {true,
            absl::StrFormat("%s by %s %% (%s-%s %%)", less, PercentNumber(1 - ratio->estimate),
                            PercentNumber(1 - ratio->high), PercentNumber(1 - ratio->low))};
  }
  if (ratio->low > upper) {
    if (ratio->estimate >= 2) {
      return {true, absl::StrFormat("%s %s (%s-%s)", RatioWords(ratio->estimate), times,
                                    RatioNumber(ratio->low), RatioNumber(ratio->high))};
    }
    return {true,
            absl::StrFormat("%s by %s %% (%s-%s %%)", more, PercentNumber(ratio->estimate - 1),
                            PercentNumber(ratio->low - 1), PercentNumber(ratio->high - 1))};
  }
  if (ratio->low >= lower && ratio->high <= upper) return {false, kNoChange};
  return {false, absl::StrFormat("too noisy to tell (%s to %s)", SignedPercent(ratio->low),
                                 SignedPercent(ratio->high))};
}

// The number that every value is, if they are all the same whole number.
std::optional<double> WholeConstant(std::span<const double> values) {
  if (values.empty() || values.front() != std::nearbyint(values.front())) return std::nullopt;
  const bool same = std::all_of(values.begin(), values.end(),
                                [&](double value) { return value == values.front(); });
  return same ? std::optional(values.front()) : std::nullopt;
}

std::string InsteadOf(const Measure& measure, double a, double b) {
  const auto number = [&](double value) {
    if (measure.unit == "allocations" || measure.unit == "collections") {
      return value == std::nearbyint(value) ? absl::StrFormat("%.0f", value)
                                            : absl::StrFormat("%.3g", value);
    }
    return QuantityWords(value, measure);
  };
  const std::string numbers = absl::StrCat(number(b), " instead of ", number(a));
  if (measure.name == "allocs_per_op") return "allocates " + numbers;
  return absl::StrCat(measure.label, ": ", numbers);
}

// What the control of one run cannot tell apart; 0 where it has too few blocks.
double Detectable(const LessonRecord& record) {
  const auto control =
      stats::PairedRatio(Values(record, record.control, kTime), Values(record, record.fast, kTime));
  return control ? stats::MinDetectable(*control) : 0;
}

std::string Join(const std::vector<std::string>& words) { return absl::StrJoin(words, ", "); }

// Whether a variant's loop was about as long in both runs. Where it was not, what adds up over the loop
// (collections, the heap before the first one) differs by that alone.
bool SameLength(const LessonRecord& a, const LessonRecord& b, const std::string& variant) {
  const auto before = stats::Quantile(Values(a, variant, kIterations), 0.5);
  const auto after = stats::Quantile(Values(b, variant, kIterations), 0.5);
  if (!before || !after) return false;
  return std::max(*before, *after) <= std::min(*before, *after) * (1 + stats::kPracticalThreshold);
}

// The deterministic measures of one variant that changed. operator new's and the GC heap's shares
// are named only where their sum did not change.
std::vector<std::string> CountChanges(const LessonRecord& a, const LessonRecord& b,
                                      const std::string& variant) {
  std::map<std::string, std::string> changed;
  std::set<std::string> measures = MeasuresOf(a, variant);
  measures.merge(MeasuresOf(b, variant));
  measures.erase(kIterations);
  const bool same_length = SameLength(a, b, variant);
  for (const std::string& name : measures) {
    const Measure measure = FindMeasure(name, b.operation);
    if (measure.timing || (!same_length && !absl::EndsWith(name, "_per_op"))) continue;
    const auto before = Values(a, variant, name), after = Values(b, variant, name);
    if (before.empty() || after.empty()) {
      changed[name] = absl::StrCat(measure.label, ": only in ", after.empty() ? "A" : "B");
      continue;
    }
    const Change change = CompareCounts(measure, before, after);
    if (change.beyond_noise) changed[name] = change.words;
  }
  for (const char* sum : {"allocs_per_op", "bytes_per_op"}) {
    if (!changed.contains(sum)) continue;
    changed.erase(absl::StrCat("new_", sum));
    changed.erase(absl::StrCat("gc_", sum));
  }
  std::vector<std::string> words;
  for (const auto& [name, text] : changed) words.push_back(text);
  return words;
}

std::string MedianTime(const std::vector<double>& values) {
  const auto median = stats::Quantile(values, 0.5);
  return median ? QuantityWords(*median, FindMeasure(kTime, "")) : "-";
}

// The names of `names` that `others` lacks.
std::vector<std::string> Missing(const std::vector<std::string>& names,
                                 const std::vector<std::string>& others) {
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (std::find(others.begin(), others.end(), name) == others.end()) missing.push_back(name);
  }
  return missing;
}

std::vector<std::string> VariantNames(const LessonRecord& record) {
  std::vector<std::string> names;
  for (const RecordedVariant& variant : record.variants) names.push_back(variant.name);
  return names;
}

std::vector<std::string> ClaimNames(const std::vector<ClaimResult>& claims) {
  std::vector<std::string> names;
  for (const ClaimResult& claim : claims) names.push_back(claim.claim);
  return names;
}

void PrintOnlyInOne(const char* what, const std::vector<std::string>& a,
                    const std::vector<std::string>& b, std::ostream& out) {
  if (const auto only = Missing(a, b); !only.empty()) {
    out << "  only in A: " << what << ' ' << Join(only) << '\n';
  }
  if (const auto only = Missing(b, a); !only.empty()) {
    out << "  only in B: " << what << ' ' << Join(only) << '\n';
  }
}

std::string RatioText(const std::optional<stats::Interval>& ratio) {
  if (!ratio) return "-";
  return absl::StrFormat("%s (%s-%s)", RatioNumber(ratio->estimate), RatioNumber(ratio->low),
                         RatioNumber(ratio->high));
}

void PrintClaims(const std::vector<ClaimResult>& a, const std::vector<ClaimResult>& b, double floor,
                 std::ostream& out, int& changes) {
  TextTable table;
  table.Add({"claim", "ratio in A", "ratio in B", "what changed"});
  for (const ClaimResult& before : a) {
    const auto after = std::find_if(
        b.begin(), b.end(), [&](const ClaimResult& claim) { return claim.claim == before.claim; });
    if (after == b.end()) continue;
    Change change = before.interval && after->interval
                        ? CompareRatios(*before.interval, *after->interval, floor)
                        : Change{false, kTooFewBlocks};
    if (before.verdict != after->verdict) {
      absl::StrAppend(&change.words, "; ", stats::ToString(before.verdict), " -> ",
                      stats::ToString(after->verdict));
    }
    changes += change.beyond_noise ? 1 : 0;
    table.Add({before.claim, RatioText(before.interval), RatioText(after->interval), change.words});
  }
  if (!a.empty() && !b.empty()) out << table.Text();
  PrintOnlyInOne("claim", ClaimNames(a), ClaimNames(b), out);
}

// A lesson of one run with what is judged of it: its claims on ratios.
struct ComparedLesson {
  LessonRecord record;
  std::vector<ClaimResult> claims;
};

struct ComparedRun {
  RunRecord run;
  std::vector<ComparedLesson> lessons;
  std::map<std::string, std::string> unreadable;  // why, by the lesson's name
  std::map<std::string, std::string> unjudged;  // why its claims are left out, by the lesson's name

  const ComparedLesson* Find(const std::string& lesson) const {
    for (const ComparedLesson& compared : lessons) {
      if (compared.record.lesson == lesson) return &compared;
    }
    return nullptr;
  }
};

absl::StatusOr<ComparedRun> ReadComparedRun(const fs::path& root, const fs::path& dir) {
  absl::StatusOr<RecordedRun> recorded = ReadRun(dir);
  if (!recorded.ok()) return recorded.status();
  ComparedRun run;
  run.run = std::move(recorded->run);
  run.unreadable = std::move(recorded->unreadable);
  for (LessonRecord& record : recorded->lessons) {
    ComparedLesson lesson;
    if (const absl::StatusOr<JudgedLesson> judged = JudgeRecorded(root, record); judged.ok()) {
      for (const ClaimResult& claim : judged->analysis.claims) {
        if (claim.unit == "ratio") lesson.claims.push_back(claim);
      }
    } else {
      run.unjudged[record.lesson] = std::string(judged.status().message());
    }
    lesson.record = std::move(record);
    run.lessons.push_back(std::move(lesson));
  }
  return run;
}

// What changed in one lesson, as lines of text. Deterministic measures other than those for each operation are compared
// only where the loops of both runs were about as long. Adds the number of changes beyond the noise to `changes`.
void PrintLessonChanges(const ComparedLesson& a, const ComparedLesson& b, std::ostream& out,
                        int& changes) {
  const double floor = NoiseFloor(a.record, b.record);
  for (const auto& [key, value] : a.record.context) {
    const auto other = b.record.context.find(key);
    if (other == b.record.context.end() || other->second != value) {
      out << "  " << key << ": " << value << " -> "
          << (other == b.record.context.end() ? "absent" : other->second) << '\n';
    }
  }
  for (const auto& [key, value] : b.record.context) {
    if (!a.record.context.contains(key)) out << "  " << key << ": absent -> " << value << '\n';
  }
  TextTable table;
  table.Add({"variant", "time in A", "time in B",
             absl::StrFormat("what changed (noise floor %s %%)", PercentNumber(floor))});
  for (const std::string& variant : VariantNames(a.record)) {
    const auto names = VariantNames(b.record);
    if (std::find(names.begin(), names.end(), variant) == names.end()) continue;
    const auto before = Values(a.record, variant, kTime), after = Values(b.record, variant, kTime);
    const Change time = CompareTimes(before, after, floor);
    changes += time.beyond_noise ? 1 : 0;
    table.Add({variant, MedianTime(before), MedianTime(after), time.words});
    for (const std::string& words : CountChanges(a.record, b.record, variant)) {
      ++changes;
      table.Add({"", "", "", words});
    }
  }
  out << table.Text();
  PrintOnlyInOne("variant", VariantNames(a.record), VariantNames(b.record), out);
  PrintClaims(a.claims, b.claims, floor, out, changes);
}

// "complete", or what became of the lesson: "failed after 3 blocks: killed by signal 9".
std::string StateText(const ComparedRun& run, const std::string& lesson) {
  if (run.unreadable.contains(lesson)) return "its file cannot be read";
  for (const LessonState& state : run.run.lessons) {
    if (state.lesson != lesson) continue;
    std::string text = RunStatusName(state.status);
    if (state.status != RunStatus::kComplete) {
      absl::StrAppend(&text, " after ", state.blocks, state.blocks == 1 ? " block" : " blocks");
    }
    if (state.failure) absl::StrAppend(&text, ": ", state.failure->reason);
    return text;
  }
  return "not part of the run";
}

std::string RunLine(const char* name, const fs::path& dir, const RunRecord& run) {
  return absl::StrFormat("%s: %s  (%s, %s, %s)\n", name, dir.string(), run.mode, run.started,
                         RunStatusName(run.status));
}

}  // namespace

double NoiseFloor(const LessonRecord& a, const LessonRecord& b) {
  return std::max({stats::kPracticalThreshold, Detectable(a), Detectable(b)});
}

Change CompareTimes(std::span<const double> a, std::span<const double> b, double noise_floor) {
  return JudgeRatio(stats::UnpairedRatio(b, a), noise_floor, "faster", "slower", "as long");
}

Change CompareCounts(const Measure& measure, std::span<const double> a, std::span<const double> b) {
  const auto exact_a = WholeConstant(a), exact_b = WholeConstant(b);
  if (exact_a && exact_b) {
    if (*exact_a == *exact_b) return {false, kNoChange};
    return {true, InsteadOf(measure, *exact_a, *exact_b)};
  }
  const auto shift = stats::HodgesLehmannShift(a, b);
  if (!shift) return {false, kTooFewBlocks};
  const double median_a = *stats::Quantile(a, 0.5), median_b = *stats::Quantile(b, 0.5);
  const double greater = std::max(std::fabs(median_a), std::fabs(median_b));
  const bool sure = shift->low > 0 || shift->high < 0;
  if (!sure || std::fabs(median_b - median_a) <= stats::kPracticalThreshold * greater) {
    return {false, kNoChange};
  }
  return {true, InsteadOf(measure, median_a, median_b)};
}

Change CompareRatios(const stats::Interval& a, const stats::Interval& b, double noise_floor) {
  const double difference = std::log(b.estimate / a.estimate);
  const double down = std::hypot(std::log(b.estimate / b.low), std::log(a.high / a.estimate));
  const double up = std::hypot(std::log(b.high / b.estimate), std::log(a.estimate / a.low));
  return JudgeRatio(
      stats::Interval{std::exp(difference), std::exp(difference - down), std::exp(difference + up)},
      noise_floor, "smaller", "greater", "as great");
}

std::vector<std::string> DifferingConditions(const RunRecord& a, const RunRecord& b) {
  std::vector<std::string> lines;
  const auto add = [&](const char* name, const std::string& before, const std::string& after) {
    if (before != after) lines.push_back(absl::StrCat(name, ": ", before, " -> ", after));
  };
  // A number with the unit of a measure.
  const auto in = [](const char* measure, double value) {
    return QuantityWords(value, FindMeasure(measure, ""));
  };
  const auto commit = [](const BuildFacts& build) {
    return absl::StrCat(build.commit, build.dirty.value_or(false) ? " with changes" : "");
  };
  add("processor", a.machine.cpu, b.machine.cpu);
  add("cores", absl::StrCat(a.machine.cores), absl::StrCat(b.machine.cores));
  add("memory", BytesWords(static_cast<double>(a.machine.memory_bytes)),
      BytesWords(static_cast<double>(b.machine.memory_bytes)));
  add("kernel", a.machine.kernel, b.machine.kernel);
  add("governor", a.machine.governor, b.machine.governor);
  add("compiler", a.build.compiler, b.build.compiler);
  if (!a.build.build_type.empty() && !b.build.build_type.empty()) {
    add("build type", a.build.build_type, b.build.build_type);
  }
  add("flags", a.build.flags, b.build.flags);
  add("commit", commit(a.build), commit(b.build));
  add("Google Benchmark", a.build.benchmark, b.build.benchmark);
  add("bdwgc", a.build.bdwgc, b.build.bdwgc);
  add("time for each variant and block", in(kTime, a.settings.min_time_seconds * 1e9),
      in(kTime, b.settings.min_time_seconds * 1e9));
  return lines;
}

int RunCompare(const fs::path& root, const fs::path& a_dir, const fs::path& b_dir,
               std::ostream& out, std::ostream& err) {
  const absl::StatusOr<ComparedRun> a = ReadComparedRun(root, a_dir);
  const absl::StatusOr<ComparedRun> b = a.ok() ? ReadComparedRun(root, b_dir) : a;
  if (!b.ok()) {
    err << std::string(b.status().message()) << '\n';
    return kExitUsage;
  }
  out << RunLine("A", a_dir, a->run) << RunLine("B", b_dir, b->run);
  const std::vector<std::string> conditions = DifferingConditions(a->run, b->run);
  out << (conditions.empty() ? "Conditions: the same\n" : "Conditions that differ:\n");
  for (const std::string& line : conditions) out << "  " << line << '\n';
  for (const auto& [name, build] : {std::pair("A", a->run.build), std::pair("B", b->run.build)}) {
    const std::string unusual = UnusualBuild(build);
    if (!unusual.empty()) out << "Not for measuring: " << name << " was " << unusual << '\n';
  }

  std::vector<std::string> names;
  for (const LessonState& state : a->run.lessons) names.push_back(state.lesson);
  for (const LessonState& state : b->run.lessons) {
    if (std::find(names.begin(), names.end(), state.lesson) == names.end()) {
      names.push_back(state.lesson);
    }
  }
  int changes = 0;
  for (const std::string& name : names) {
    out << '\n' << name << '\n';
    const std::string state_a = StateText(*a, name), state_b = StateText(*b, name);
    if (state_a != "complete") out << "  A: " << state_a << '\n';
    if (state_b != "complete") out << "  B: " << state_b << '\n';
    const ComparedLesson* lesson_a = a->Find(name);
    const ComparedLesson* lesson_b = b->Find(name);
    if (lesson_a && lesson_b) {
      PrintLessonChanges(*lesson_a, *lesson_b, out, changes);
    } else {
      out << "  nothing to compare: it is there "
          << (lesson_a ? "only in A" : (lesson_b ? "only in B" : "in neither")) << '\n';
    }
  }
  out << '\n'
      << (changes == 0   ? "Nothing changed beyond the noise."
          : changes == 1 ? "1 change beyond the noise."
                         : absl::StrCat(changes, " changes beyond the noise."))
      << "\nTimes of two runs also differ by what the machine did in between; ratios, measured\n"
         "block by block within a run, hardly do.\n";
  for (const auto* unreadable : {&a->unreadable, &b->unreadable}) {
    for (const auto& [lesson, why] : *unreadable)
      err << "left out: " << lesson << ": " << why << '\n';
  }
  // Both runs are judged by the same lesson.json.
  std::map<std::string, std::string> unjudged = a->unjudged;
  unjudged.insert(b->unjudged.begin(), b->unjudged.end());
  for (const auto& [lesson, why] : unjudged) {
    err << "left out: the claims of " << lesson << ": " << why << '\n';
  }
  return a->unreadable.empty() && b->unreadable.empty() && unjudged.empty() ? kExitOk : kExitFailed;
}

namespace {

Subcommand CompareSubcommand() {
  const auto flags = std::make_shared<PlaceFlags>();
  return {{.name = "compare",
           .arguments = "RUN_A RUN_B",
           .what = "Tells what changed from one recorded run to another beyond the noise.",
           .more = "Status: 0, 1 when a lesson was left out because its file is broken, 2 when "
                   "there is no such run.",
           .example = "heapwise compare reference latest",
           .flags = {ResultsFlag(*flags), RootFlag(*flags)},
           .most_arguments = 2},
          40,
          [flags](const ParsedArguments& arguments) {
            const absl::StatusOr<Places> places = FindPlaces(*flags);
            if (!places.ok()) return Refuse(std::string(places.status().message()));
            if (arguments.positional.size() != 2) {
              return Refuse("heapwise compare: needs two runs: heapwise compare RUN_A RUN_B");
            }
            std::vector<fs::path> runs;
            for (const std::string& typed : arguments.positional) {
              const absl::StatusOr<fs::path> run = FindRun(places->results, typed);
              if (!run.ok()) return Refuse(std::string(run.status().message()));
              runs.push_back(*run);
            }
            return RunCompare(places->root, runs[0], runs[1], std::cout, std::cerr);
          }};
}
const Registered registered_compare(CompareSubcommand);

}  // namespace

}  // namespace heapwise::runner
