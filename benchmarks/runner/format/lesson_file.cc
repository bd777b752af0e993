#include "benchmarks/runner/format/lesson_file.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/json_field.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

// A word that goes into file names and links.
std::string ParsePlain(const JsonField& field) {
  std::string word = field.NonEmptyString();
  const bool plain = std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::islower(c) || std::isdigit(c) || c == '-';
  });
  if (!plain) field.Refuse("may hold a-z, 0-9 and - only, got \"" + word + "\"");
  return word;
}

// What the rest of a lesson.json may name, and what is to be unique in it.
class Names {
 public:
  explicit Names(const std::vector<DeclaredVariant>& variants) {
    for (const DeclaredVariant& variant : variants) variants_.insert(variant.name);
  }

  std::string KnownVariant(const JsonField& field) const {
    std::string name = field.String();
    if (!variants_.contains(name)) field.Refuse("names no variant: \"" + name + "\"");
    return name;
  }

  std::string KnownClaim(const JsonField& field) const {
    std::string id = field.String();
    if (!claims_.contains(id)) field.Refuse("names no claim: \"" + id + "\"");
    return id;
  }

  bool IsVariant(const std::string& name) const { return variants_.contains(name); }

  std::string NewClaim(const JsonField& field) { return New(field, claims_); }
  std::string NewChart(const JsonField& field) { return New(field, charts_); }

 private:
  static std::string New(const JsonField& field, std::set<std::string>& ids) {
    std::string id = ParsePlain(field);
    if (!ids.insert(id).second) field.Refuse("is there twice: \"" + id + "\"");
    return id;
  }

  std::set<std::string> variants_;
  std::set<std::string> claims_;
  std::set<std::string> charts_;
};

std::string ParseMeasure(const JsonField& field, const LessonFile& lesson) {
  std::string measure = field.NonEmptyString();
  if (measure == "rss_peak_bytes" && lesson.isolation == LessonFile::Isolation::kTogether) {
    field.Refuse("rss_peak_bytes needs isolation \"process\"");
  }
  return measure;
}

Environment ParseEnvironment(const JsonField& field, const LessonFile& lesson) {
  Environment environment;
  if (lesson.isolation == LessonFile::Isolation::kTogether) {
    field.Refuse("needs isolation \"process\": together, all variants share one process");
  }
  for (const auto& [name, value] : field.Members()) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
      value.Refuse("is no name of an environment variable");
    }
    environment[name] = value.String();
    if (environment[name].find('\0') != std::string::npos) {
      value.Refuse("must not hold a zero byte");
    }
  }
  return environment;
}

std::vector<DeclaredVariant> ParseVariants(const JsonField& field, const LessonFile& lesson) {
  std::vector<DeclaredVariant> variants;
  std::set<std::string> names;
  for (const JsonField& element : field.Array(2)) {
    element.OnlyKeys({"name", "label", "code", "quick", "environment"});
    DeclaredVariant variant;
    variant.name = element["name"].NonEmptyString();
    variant.label = element["label"].NonEmptyString();
    if (const auto code = element.Find("code")) variant.code = code->NonEmptyString();
    if (const auto quick = element.Find("quick")) variant.quick = quick->Bool();
    if (const auto environment = element.Find("environment")) {
      variant.environment = ParseEnvironment(*environment, lesson);
    }
    if (!names.insert(variant.name).second) {
      element["name"].Refuse("is there twice: \"" + variant.name + "\"");
    }
    variants.push_back(variant);
  }
  return variants;
}

std::vector<Measure> ParseOwnMeasures(const JsonField& field) {
  std::vector<Measure> measures;
  for (const auto& [name, declared] : field.Members()) {
    declared.OnlyKeys({"label", "unit", "timing"});
    if (name.empty() || name == kIterations || IsKnownMeasure(name)) {
      declared.Refuse("is not a measure of the lesson's own: its label and unit are fixed");
    }
    Measure measure = FindMeasure(name, "");
    measure.label = declared["label"].NonEmptyString();
    measure.unit = declared["unit"].String();
    if (const auto timing = declared.Find("timing")) measure.timing = timing->Bool();
    if (measure.unit == "ratio") {
      declared["unit"].Refuse("must not be \"ratio\"; leave it empty for a plain number");
    }
    measures.push_back(std::move(measure));
  }
  return measures;
}

void ParsePair(const JsonField& field, const Names& names, LessonFile& lesson) {
  constexpr std::string_view kFast = "fast";
  field.OnlyKeys({"slow", "fast"});
  lesson.slow = names.KnownVariant(field["slow"]);
  lesson.fast = names.KnownVariant(field["fast"]);
  const size_t at = lesson.fast.find(kFast);
  if (at == std::string::npos) {
    field["fast"].Refuse(
        "must contain \"fast\": its control is that name with \"control\" instead");
    return;
  }
  lesson.control = lesson.fast;
  lesson.control.replace(at, kFast.size(), "control");
  if (lesson.FindVariant(lesson.control) != nullptr) {
    field["fast"].Refuse("its control \"" + lesson.control +
                         "\" must not be declared as a variant");
  }
  for (const std::string& name : {lesson.slow, lesson.fast}) {
    const DeclaredVariant* variant = lesson.FindVariant(name);
    if (variant != nullptr && !variant->quick) {
      field.Refuse("\"" + name + "\" is marked \"quick\": false, but every mode needs the pair");
    }
  }
}

Claim ParseClaim(const JsonField& field, const LessonFile& lesson, Names& names) {
  Claim claim;
  claim.id = names.NewClaim(field["id"]);
  claim.says = field["says"].NonEmptyString();
  claim.measure = ParseMeasure(field["measure"], lesson);
  claim.of = names.KnownVariant(field["of"]);
  claim.shown = field["shown"].NonEmptyString();
  claim.contradicted = field["contradicted"].NonEmptyString();
  if (const auto remark = field.Find("remark")) claim.remark = remark->NonEmptyString();

  if (field["kind"].OneOf({"ratio", "exact"}) == "ratio") {
    field.OnlyKeys({"id", "says", "kind", "measure", "of", "over", "expect", "threshold", "shown",
                    "contradicted", "remark"});
    claim.kind = Claim::Kind::kRatio;
    claim.over = names.KnownVariant(field["over"]);
    if (claim.over == claim.of) field["over"].Refuse("must be another variant than \"of\"");
    const std::string expect = field["expect"].OneOf({"more", "less", "same"});
    claim.expect = expect == "more"   ? stats::Expect::kMore
                   : expect == "less" ? stats::Expect::kLess
                                      : stats::Expect::kSame;
    if (const auto threshold = field.Find("threshold")) {
      claim.threshold = threshold->Number();
      if (!(claim.threshold > 0)) threshold->Refuse("must be greater than 0, such as 0.05");
    }
  } else {
    field.OnlyKeys({"id", "says", "kind", "measure", "of", "expect", "value", "shown",
                    "contradicted", "remark"});
    claim.kind = Claim::Kind::kExact;
    const std::string expect = field["expect"].OneOf({"equal", "at_most", "at_least"});
    claim.expect_exact = expect == "equal"     ? stats::ExpectExact::kEqual
                         : expect == "at_most" ? stats::ExpectExact::kAtMost
                                               : stats::ExpectExact::kAtLeast;
    claim.value = field["value"].Number();
  }
  return claim;
}

PairRow ParseRow(const JsonField& field, const Names& names) {
  field.OnlyKeys({"label", "slow", "fast"});
  return {field["label"].NonEmptyString(), names.KnownVariant(field["slow"]),
          names.KnownVariant(field["fast"])};
}

// At least so many [x, variant].
std::vector<std::pair<double, std::string>> ParsePoints(const JsonField& field, size_t least,
                                                        const Names& names) {
  std::vector<std::pair<double, std::string>> points;
  std::set<double> sizes;
  for (const JsonField& point : field.Array(least)) {
    const std::vector<JsonField> pair = point.Array();
    if (pair.size() != 2) {
      point.Refuse("must be [x, variant]");
      continue;
    }
    const double x = pair[0].Number();
    if (!(x > 0)) pair[0].Refuse("must be greater than 0");
    if (!sizes.insert(x).second) pair[0].Refuse("is there twice");
    points.emplace_back(x, names.KnownVariant(pair[1]));
  }
  return points;
}

Series ParseSeries(const JsonField& field, const Names& names) {
  field.OnlyKeys({"label", "role", "points"});
  return {field["label"].NonEmptyString(), field["role"].OneOf({"slow", "fast", "other"}),
          ParsePoints(field["points"], 4, names)};
}

std::vector<std::string> ParseVariantNames(const JsonField& field, const Names& names) {
  std::vector<std::string> variants;
  for (const JsonField& element : field.Array(1)) variants.push_back(names.KnownVariant(element));
  return variants;
}

void ParseIcicle(const JsonField& field, const Names& names, Chart& chart) {
  field.OnlyKeys({"kind", "id", "claim", "variant", "sample", "profile", "base"});
  chart.kind = Chart::Kind::kIcicle;
  const std::string variant = names.KnownVariant(field["variant"]);
  field["sample"].OneOf({"alloc_space", "inuse_space"});
  std::string profile = kEndProfile;
  if (const auto named = field.Find("profile")) profile = ParsePlain(*named);
  chart.points = {variant};
  chart.profiles = {{variant, profile}};
  const auto base = field.Find("base");
  if (!base) return;
  // Another variant, at its end, or a profile that this one saved.
  if (const std::string name = base->NonEmptyString(); names.IsVariant(name)) {
    chart.points.push_back(name);
    chart.profiles.emplace_back(name, kEndProfile);
  } else {
    chart.profiles.emplace_back(variant, ParsePlain(*base));
  }
  if (chart.profiles[0] == chart.profiles[1])
    base->Refuse("must be another profile than the chart's own");
}

void ParseSurvival(const JsonField& field, const LessonFile& lesson, const Names& names,
                   Chart& chart) {
  field.OnlyKeys({"kind", "id", "claim", "measure", "x_label", "x_unit", "points", "beside"});
  chart.kind = Chart::Kind::kSurvival;
  chart.measure = ParseMeasure(field["measure"], lesson);
  chart.x_label = field["x_label"].NonEmptyString();
  chart.x_unit = field["x_unit"].String();
  chart.series = {{"", "", ParsePoints(field["points"], 2, names)}};
  if (const auto beside = field.Find("beside")) chart.points = ParseVariantNames(*beside, names);
}

Chart ParseChart(const JsonField& field, const LessonFile& lesson, Names& names) {
  Chart chart;
  chart.id = names.NewChart(field["id"]);
  chart.claim = names.KnownClaim(field["claim"]);
  const std::string kind = field["kind"].OneOf({"pair", "growth", "sawtooth", "pareto", "pauses",
                                                "phases", "icicle", "survival", "waterfall"});
  if (kind == "pair") {
    field.OnlyKeys({"kind", "id", "claim", "measure", "rows"});
    chart.kind = Chart::Kind::kPair;
    chart.measure = ParseMeasure(field["measure"], lesson);
    for (const JsonField& row : field["rows"].Array(1)) chart.rows.push_back(ParseRow(row, names));
  } else if (kind == "growth") {
    field.OnlyKeys({"kind", "id", "claim", "measure", "x_label", "x_unit", "series"});
    chart.kind = Chart::Kind::kGrowth;
    chart.measure = ParseMeasure(field["measure"], lesson);
    chart.x_label = field["x_label"].NonEmptyString();
    chart.x_unit = field["x_unit"].String();
    for (const JsonField& series : field["series"].Array(1)) {
      chart.series.push_back(ParseSeries(series, names));
    }
  } else if (kind == "sawtooth") {
    field.OnlyKeys({"kind", "id", "claim", "panels"});
    chart.kind = Chart::Kind::kSawtooth;
    chart.points = ParseVariantNames(field["panels"], names);
  } else if (kind == "pauses") {
    field.OnlyKeys({"kind", "id", "claim", "variants", "target_ns"});
    chart.kind = Chart::Kind::kPauses;
    chart.points = ParseVariantNames(field["variants"], names);
    if (const auto target = field.Find("target_ns")) {
      chart.target_ns = target->Number();
      if (!(*chart.target_ns > 0)) target->Refuse("must be greater than 0, such as 10000000");
    }
  } else if (kind == "phases") {
    field.OnlyKeys({"kind", "id", "claim", "variants"});
    chart.kind = Chart::Kind::kPhases;
    chart.points = ParseVariantNames(field["variants"], names);
  } else if (kind == "icicle") {
    ParseIcicle(field, names, chart);
  } else if (kind == "waterfall") {
    field.OnlyKeys({"kind", "id", "claim", "measure", "variants"});
    chart.kind = Chart::Kind::kWaterfall;
    chart.measure = ParseMeasure(field["measure"], lesson);
    field["variants"].Array(2);
    chart.points = ParseVariantNames(field["variants"], names);
  } else if (kind == "survival") {
    ParseSurvival(field, lesson, names, chart);
  } else {
    field.OnlyKeys({"kind", "id", "claim", "x", "y", "points"});
    chart.kind = Chart::Kind::kPareto;
    chart.x = ParseMeasure(field["x"], lesson);
    chart.y = ParseMeasure(field["y"], lesson);
    chart.points = ParseVariantNames(field["points"], names);
  }
  return chart;
}

// Removes from `items` those for which `keep` is false.
template <class T, class Keep>
void KeepOnly(std::vector<T>& items, const Keep& keep) {
  items.erase(
      std::remove_if(items.begin(), items.end(), [&](const T& item) { return !keep(item); }),
      items.end());
}

std::string ThereAre(const std::vector<std::string>& names) {
  return names.empty() ? "there are none" : "there are " + absl::StrJoin(names, ", ");
}

}  // namespace

Measure LessonFile::MeasureNamed(std::string_view measure_name) const {
  for (const Measure& measure : own_measures) {
    if (measure.name == measure_name) return measure;
  }
  return FindMeasure(measure_name, operation);
}

const DeclaredVariant* LessonFile::FindVariant(std::string_view variant_name) const {
  for (const DeclaredVariant& variant : variants) {
    if (variant.name == variant_name) return &variant;
  }
  return nullptr;
}

const Environment& LessonFile::EnvironmentOf(const std::string& variant_name) const {
  static const Environment kNothing;
  const DeclaredVariant* variant = FindVariant(variant_name == control ? fast : variant_name);
  return variant == nullptr ? kNothing : variant->environment;
}

std::vector<std::pair<std::string, std::string>> LessonFile::NeededSamples() const {
  std::vector<std::pair<std::string, std::string>> needed;
  for (const Claim& claim : claims) {
    needed.emplace_back(claim.of, claim.measure);
    if (claim.kind == Claim::Kind::kRatio) needed.emplace_back(claim.over, claim.measure);
  }
  for (const Chart& chart : charts) {
    for (const PairRow& row : chart.rows) {
      needed.emplace_back(row.slow, chart.measure);
      needed.emplace_back(row.fast, chart.measure);
    }
    for (const Series& curve : chart.series) {
      for (const auto& [x, variant] : curve.points) needed.emplace_back(variant, chart.measure);
    }
    if (chart.kind == Chart::Kind::kSurvival || chart.kind == Chart::Kind::kWaterfall) {
      for (const std::string& variant : chart.points) needed.emplace_back(variant, chart.measure);
    }
    if (chart.kind != Chart::Kind::kPareto) continue;
    for (const std::string& variant : chart.points) {
      needed.emplace_back(variant, chart.x);
      needed.emplace_back(variant, chart.y);
    }
  }
  return needed;
}

std::set<std::pair<std::string, std::string>> LessonFile::NeededProfiles() const {
  std::set<std::pair<std::string, std::string>> needed;
  for (const Chart& chart : charts) needed.insert(chart.profiles.begin(), chart.profiles.end());
  return needed;
}

std::vector<std::string> LessonFile::TimelineVariants() const {
  std::vector<std::string> names;
  for (const Chart& chart : charts) {
    if (chart.kind != Chart::Kind::kSawtooth && chart.kind != Chart::Kind::kPauses) continue;
    for (const std::string& variant : chart.points) {
      if (std::find(names.begin(), names.end(), variant) == names.end()) names.push_back(variant);
    }
  }
  return names;
}

absl::StatusOr<LessonFile> ParseLessonFile(std::string_view lesson_name,
                                           const std::string& file_name, std::string_view text) {
  JsonDocument document(file_name);
  const JsonField root = document.Parse(text);
  if (!document.status().ok()) return document.status();
  root.OnlyKeys({"title", "pattern", "minutes", "operation", "isolation", "pair", "variants",
                 "measures", "claims", "charts"});
  LessonFile lesson;
  lesson.name = std::string(lesson_name);
  lesson.title = root["title"].NonEmptyString();
  lesson.pattern = root["pattern"].NonEmptyString();
  lesson.minutes = root["minutes"].Int(1);
  lesson.operation = root["operation"].NonEmptyString();
  lesson.isolation = root["isolation"].OneOf({"together", "process"}) == "process"
                         ? LessonFile::Isolation::kProcess
                         : LessonFile::Isolation::kTogether;
  lesson.variants = ParseVariants(root["variants"], lesson);
  Names names(lesson.variants);
  ParsePair(root["pair"], names, lesson);
  if (const auto measures = root.Find("measures")) {
    lesson.own_measures = ParseOwnMeasures(*measures);
  }
  for (const JsonField& claim : root["claims"].Array(1)) {
    lesson.claims.push_back(ParseClaim(claim, lesson, names));
  }
  for (const JsonField& chart : root["charts"].Array()) {
    lesson.charts.push_back(ParseChart(chart, lesson, names));
  }
  std::map<std::string, std::string> profiled;  // variants by the names of their files
  for (const auto& [variant, profile] : lesson.NeededProfiles()) {
    const std::string& first = profiled.try_emplace(FileNamePart(variant), variant).first->second;
    if (first != variant) {
      root["charts"].Refuse("profiles of \"" + first + "\" and \"" + variant +
                            "\" would have the same file names");
    }
  }
  if (!document.status().ok()) return document.status();
  return lesson;
}

absl::StatusOr<LessonFile> ReadLessonFile(const fs::path& root, std::string_view lesson_name) {
  const fs::path path = root / "lessons" / lesson_name / "lesson.json";
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return ParseLessonFile(lesson_name, DisplayPath(path, root), *text);
}

LessonFile OnlyVariants(const LessonFile& lesson, const std::vector<std::string>& keep) {
  const auto kept = [&](const std::string& name) {
    return std::find(keep.begin(), keep.end(), name) != keep.end();
  };
  LessonFile smaller = lesson;
  KeepOnly(smaller.variants, [&](const DeclaredVariant& variant) { return kept(variant.name); });
  smaller.whole = lesson.whole && smaller.variants.size() == lesson.variants.size();
  KeepOnly(smaller.claims, [&](const Claim& claim) {
    return kept(claim.of) && (claim.kind == Claim::Kind::kExact || kept(claim.over));
  });
  for (Chart& chart : smaller.charts) {
    KeepOnly(chart.rows, [&](const PairRow& row) { return kept(row.slow) && kept(row.fast); });
    for (Series& series : chart.series) {
      KeepOnly(series.points, [&](const auto& point) { return kept(point.second); });
    }
    KeepOnly(chart.series, [](const Series& series) { return series.points.size() >= 2; });
    KeepOnly(chart.points, kept);
    const bool all_kept = std::all_of(chart.profiles.begin(), chart.profiles.end(),
                                      [&](const auto& profile) { return kept(profile.first); });
    if (!all_kept) chart.points.clear();
  }
  KeepOnly(smaller.charts, [&](const Chart& chart) {
    const bool has_claim = std::any_of(smaller.claims.begin(), smaller.claims.end(),
                                       [&](const Claim& claim) { return claim.id == chart.claim; });
    return has_claim && !(chart.rows.empty() && chart.series.empty() && chart.points.empty());
  });
  return smaller;
}

LessonFile QuickLesson(const LessonFile& lesson) {
  std::vector<std::string> keep;
  for (const DeclaredVariant& variant : lesson.variants) {
    if (variant.quick) keep.push_back(variant.name);
  }
  return OnlyVariants(lesson, keep);
}

std::vector<std::string> LessonNames(const fs::path& root) {
  std::vector<std::string> names;
  for (const fs::path& entry : EntriesOf(root / "lessons")) {
    std::error_code error;
    if (fs::exists(entry / "lesson.json", error)) names.push_back(entry.filename());
  }
  return names;
}

absl::StatusOr<std::string> ResolveLesson(const std::vector<std::string>& names,
                                          const std::string& typed) {
  int number = 0;
  const bool is_number = absl::SimpleAtoi(typed, &number);
  std::vector<std::string> matches;
  for (const std::string& name : names) {
    if (name == typed) return name;
    int its_number = 0;
    const bool match = is_number ? absl::SimpleAtoi(name.substr(0, name.find('-')), &its_number) &&
                                       its_number == number
                                 : name.find(typed) != std::string::npos;
    if (match && !typed.empty()) matches.push_back(name);
  }
  if (matches.size() == 1) return matches.front();
  if (matches.empty()) {
    return absl::NotFoundError(absl::StrFormat("no lesson '%s'; %s", typed, ThereAre(names)));
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("lesson '%s' may be any of %s", typed, absl::StrJoin(matches, ", ")));
}

std::string FileNamePart(std::string name) {
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-') c = '_';
  }
  return name;
}

std::string IsolationName(LessonFile::Isolation isolation) {
  return isolation == LessonFile::Isolation::kTogether ? "together" : "process";
}

}  // namespace heapwise::runner
