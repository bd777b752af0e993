#include "benchmarks/runner/judge/analysis_json.h"

#include <utility>

#include "benchmarks/runner/format/measures.h"

namespace heapwise::runner {
namespace {

using stats::Interval;

Json IntervalToJson(const Interval& interval) {
  return {{"estimate", interval.estimate}, {"low", interval.low}, {"high", interval.high}};
}

// null, or a number that JSON can hold.
Json NumberOrNull(const std::optional<Interval>& interval, double Interval::*member) {
  return interval ? Json((*interval).*member) : Json();
}

Json MeasuresToJson(const std::vector<Measure>& measures) {
  Json json = Json::object();
  for (const Measure& measure : measures) {
    json[measure.name] = {
        {"label", measure.label}, {"unit", measure.unit}, {"timing", measure.timing}};
  }
  return json;
}

Json SummaryToJson(const LessonAnalysis& analysis) {
  Json json = Json::object();
  for (const auto& [variant, summaries] : analysis.summary) {
    Json& of_variant = json[variant] = Json::object();
    for (const auto& [measure, summary] : summaries) {
      Json& entry = of_variant[measure] = IntervalToJson(summary.interval);
      entry["min"] = summary.min;
      entry["max"] = summary.max;
      entry["outliers"] = summary.outliers;
    }
  }
  return json;
}

Json RatiosToJson(const std::vector<RatioResult>& ratios, const std::string& control) {
  Json json = Json::array();
  for (const RatioResult& ratio : ratios) {
    Json entry = {
        {"label", ratio.label}, {"measure", ratio.measure}, {"of", ratio.of}, {"over", ratio.over}};
    entry.update(IntervalToJson(ratio.interval));
    entry["control"] = nullptr;
    if (ratio.control) {
      entry["control"] = {{"of", control}, {"over", ratio.over}};
      entry["control"].update(IntervalToJson(*ratio.control));
    }
    json.push_back(std::move(entry));
  }
  return json;
}

Json ControlToJson(const std::optional<ControlResult>& control) {
  if (!control) return nullptr;
  Json json = {{"measure", kTime}};
  json.update(IntervalToJson(control->interval));
  json["trusted"] = control->trusted;
  json["detectable"] = control->detectable;
  json["words"] = control->words;
  return json;
}

Json ClaimsToJson(const std::vector<ClaimResult>& claims) {
  Json json = Json::array();
  for (const ClaimResult& claim : claims) json.push_back(ClaimToJson(claim));
  return json;
}

Json GrowthToJson(const std::vector<GrowthResult>& growth) {
  Json json = Json::array();
  for (const GrowthResult& curve : growth) {
    json.push_back({{"chart", curve.chart},
                    {"label", curve.label},
                    {"exponent", curve.exponent.estimate},
                    {"low", curve.exponent.low},
                    {"high", curve.exponent.high},
                    {"words", curve.words}});
  }
  return json;
}

Json ParetoToJson(const std::vector<ParetoResult>& fronts) {
  Json json = Json::array();
  for (const ParetoResult& pareto : fronts) {
    Json front = Json::array();
    for (const std::string& variant : pareto.front) front.push_back(variant);
    json.push_back({{"chart", pareto.chart}, {"front", std::move(front)}});
  }
  return json;
}

Json SurvivalToJson(const std::vector<SurvivalResult>& survival) {
  Json json = Json::array();
  for (const SurvivalResult& chart : survival) {
    Json shares = Json::array();
    for (const SurvivalShare& share : chart.shares) {
      Json entry = {{"variant", share.variant}, {"survived", share.survived}, {"runs", share.runs}};
      entry.update(IntervalToJson(share.interval));
      shares.push_back(std::move(entry));
    }
    json.push_back({{"chart", chart.chart}, {"shares", std::move(shares)}});
  }
  return json;
}

}  // namespace

Json LessonToJson(const LessonRecord& record, const LessonAnalysis& analysis) {
  Json json = LessonToJson(record);
  json["measures"] = MeasuresToJson(analysis.measures);
  json["summary"] = SummaryToJson(analysis);
  json["ratios"] = RatiosToJson(analysis.ratios, record.control);
  json["control"] = ControlToJson(analysis.control);
  json["claims"] = ClaimsToJson(analysis.claims);
  json["growth"] = GrowthToJson(analysis.growth);
  json["pareto"] = ParetoToJson(analysis.pareto);
  json["survival"] = SurvivalToJson(analysis.survival);
  return json;
}

Json ClaimToVerdictJson(const ClaimResult& claim) {
  return {{"lesson", claim.lesson},
          {"claim", claim.claim},
          {"verdict", stats::ToString(claim.verdict)},
          {"estimate", NumberOrNull(claim.interval, &Interval::estimate)},
          {"low", NumberOrNull(claim.interval, &Interval::low)},
          {"high", NumberOrNull(claim.interval, &Interval::high)},
          {"unit", claim.unit}};
}

Json ClaimToJson(const ClaimResult& claim) {
  Json json = ClaimToVerdictJson(claim);
  json["says"] = claim.says;
  json["finding"] = claim.finding;
  json["detail"] = claim.detail;
  json["remark"] = claim.remark;
  json["trusted"] = claim.trusted;
  json["timing"] = claim.timing;
  return json;
}

}  // namespace heapwise::runner
