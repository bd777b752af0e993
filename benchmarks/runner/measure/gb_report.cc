#include "benchmarks/runner/measure/gb_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/format/measures.h"

namespace heapwise::runner {
namespace {

constexpr std::string_view kHowRun =
    "(/(iterations|min_time|min_warmup_time|repeats):[^/]*|/(real_time|process_time|manual_time))*";

bool SaysHowRun(absl::string_view part) {
  for (const char* prefix : {"iterations:", "min_time:", "min_warmup_time:", "repeats:"}) {
    if (absl::StartsWith(part, prefix)) return true;
  }
  return part == "real_time" || part == "process_time" || part == "manual_time";
}

std::string Escaped(std::string_view text) {
  constexpr std::string_view kSpecial = ".[\\()*+?{|^$";
  std::string escaped;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

// What Google Benchmark puts into its context and into each benchmark by itself.
constexpr std::array<std::string_view, 10> kOwnContext = {
    "date",   "host_name", "executable",          "num_cpus",           "mhz_per_cpu",
    "caches", "load_avg",  "cpu_scaling_enabled", "library_build_type", "library_version"};
constexpr std::array<std::string_view, 9> kNotMeasures = {
    "family_index",  "per_family_instance_index",
    "repetitions",   "repetition_index",
    "threads",       "iterations",
    "real_time",     "cpu_time",
    "aggregate_name"};

template <size_t N>
bool Contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

double NsPerUnit(const JsonField& unit) {
  const std::string name = unit.OneOf({"ns", "us", "ms", "s"});
  if (name == "ns") return 1;
  if (name == "us") return 1e3;
  return name == "ms" ? 1e6 : 1e9;
}

Sample ParseSample(const JsonField& benchmark) {
  Sample sample;
  const double ns_per_unit = NsPerUnit(benchmark["time_unit"]);
  sample[kIterations] = benchmark["iterations"].Number();
  sample[kTime] = benchmark["real_time"].Number() * ns_per_unit;
  sample["cpu_ns"] = benchmark["cpu_time"].Number() * ns_per_unit;
  if (sample[kTime] > 0) sample["ops_per_second"] = 1e9 / sample[kTime];
  for (const auto& [key, value] : benchmark.Members()) {
    if (value.value().is_number() && !Contains(kNotMeasures, key)) sample[key] = value.Number();
  }
  return sample;
}

}  // namespace

std::string PlainName(std::string_view benchmark_name) {
  const std::string name(benchmark_name);
  std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  parts.erase(std::remove_if(parts.begin(), parts.end(), SaysHowRun), parts.end());
  return absl::StrJoin(parts, "/");
}

std::string BenchmarkFilter(const std::vector<std::string>& variants) {
  std::vector<std::string> patterns;
  for (const std::string& variant : variants) {
    const std::string name = PlainName(variant);
    const size_t threads = std::min(name.rfind("/threads:"), name.size());
    patterns.push_back(Escaped(name.substr(0, threads)) + std::string(kHowRun) +
                       Escaped(name.substr(threads)));
  }
  return "^(" + absl::StrJoin(patterns, "|") + ")$";
}

absl::StatusOr<GbReport> ParseGbReport(std::string_view text,
                                       const std::vector<std::string>& variants) {
  if (text.empty()) return absl::InvalidArgumentError("wrote no report");
  JsonDocument document("its report");
  const JsonField root = document.Parse(text);
  if (!document.status().ok()) return document.status();
  std::map<std::string, std::string> variant_by_plain_name;
  for (const std::string& variant : variants) variant_by_plain_name[PlainName(variant)] = variant;

  GbReport report;
  for (const auto& [key, value] : root["context"].Members()) {
    if (value.value().is_string() && !Contains(kOwnContext, key)) {
      report.context[key] = value.String();
    }
  }
  for (const JsonField& benchmark : root["benchmarks"].Array()) {
    if (const auto type = benchmark.Find("run_type"); type && type->String() == "aggregate")
      continue;
    const auto variant = variant_by_plain_name.find(PlainName(benchmark["run_name"].String()));
    if (variant == variant_by_plain_name.end()) continue;
    if (const auto error = benchmark.Find("error_occurred"); error && error->Bool()) {
      return absl::InvalidArgumentError(absl::StrFormat("%s reported an error: %s", variant->second,
                                                        benchmark["error_message"].String()));
    }
    if (report.samples.contains(variant->second)) {
      return absl::InvalidArgumentError("its report has " + variant->second + " twice");
    }
    report.samples[variant->second] = ParseSample(benchmark);
    report.order.push_back(variant->second);
  }
  if (!document.status().ok()) return document.status();
  for (const std::string& variant : variants) {
    if (!report.samples.contains(variant)) {
      return absl::InvalidArgumentError("its report has no benchmark " + variant);
    }
  }
  return report;
}

}  // namespace heapwise::runner
