#include "benchmarks/runner/peers/peers_table.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/base/terminal.h"
#include "benchmarks/runner/base/text_table.h"
#include "benchmarks/runner/format/wording.h"
#include "benchmarks/stats/quantile.h"
#include "benchmarks/stats/ratio.h"

namespace heapwise::runner {
namespace {

constexpr int kWidth = 100;    // of notes; six columns need a little more
constexpr int kNarrowest = 8;  // column

std::optional<double> Value(const PeerCell& cell, const PeerMeasure& measure,
                            const PeerBlock& block) {
  const auto sample = block.samples.find(cell.job);
  if (sample == block.samples.end()) return std::nullopt;
  const auto field = sample->second.find(measure.field.empty() ? cell.field : measure.field);
  if (field == sample->second.end()) return std::nullopt;
  return field->second;
}

std::string CellText(const PeerRow& row, const PeerCell& cell, const PeerMeasure& measure,
                     const std::vector<PeerBlock>& blocks) {
  const std::optional<double> median = stats::Quantile(PeerValues(cell, measure, blocks), 0.5);
  if (!median) return "-";
  if (measure.percent) return absl::StrFormat("%.*f %%", measure.decimals, 100 * *median);
  const double divisor = measure.per_reference ? row.reference : measure.divisor;
  return absl::StrFormat("%.*f", measure.decimals, *median / divisor);
}

// "0.752 (0.741 to 0.760)"; "0.752 (no interval: 3 blocks)"; "-".
std::string RatioText(const PeerTable& table, const PeerRow& row, const PeerRatio& ratio,
                      const std::vector<PeerBlock>& blocks) {
  const PeerMeasure& measure = table.measures[ratio.measure];
  std::vector<double> of;
  std::vector<double> over;
  std::vector<double> quotients;
  for (const PeerBlock& block : blocks) {
    const std::optional<double> a = Value(row.cells[ratio.of], measure, block);
    const std::optional<double> b = Value(row.cells[ratio.over], measure, block);
    if (!a || !b || *b == 0) continue;
    of.push_back(*a);
    over.push_back(*b);
    quotients.push_back(*a / *b);
  }
  if (quotients.empty()) return "-";
  if (const std::optional<stats::Interval> interval = stats::PairedRatio(of, over)) {
    const RatioNumbers numbers = RatioInNumbers(*interval);
    return absl::StrFormat("%s (%s to %s)", numbers.estimate, numbers.low, numbers.high);
  }
  return absl::StrFormat("%s (no interval: %d block%s)",
                         RatioNumber(*stats::Quantile(quotients, 0.5)), quotients.size(),
                         quotients.size() == 1 ? "" : "s");
}

// The first column to the left, numbers to the right.
TextTable Grid(const std::vector<std::string>& headings) {
  std::vector<TextColumn> columns(headings.size(), {.least = kNarrowest, .right = true});
  columns[0] = {};
  TextTable table(kTableIndent, kTableGap, columns);
  table.Head(headings);
  return table;
}

// Without the notes.
std::string TableText(const PeerTable& table, const std::vector<PeerBlock>& blocks) {
  std::string text = table.title + "\n\n";
  std::vector<std::string> headings = {""};
  for (const PeerColumn& column : table.columns) headings.push_back(column.label);
  const auto line = [&](const std::string& label, const PeerRow& row, const PeerMeasure& measure) {
    std::vector<TextCell> cells = {label};
    for (const PeerCell& cell : row.cells) {
      cells.emplace_back(CellText(row, cell, measure, blocks));
    }
    return cells;
  };
  if (table.measures.size() == 1) {
    TextTable grid = Grid(headings);
    for (const PeerRow& row : table.rows) grid.Add(line(row.label, row, table.measures[0]));
    text += grid.Text() + "\n";
  } else {
    for (const PeerRow& row : table.rows) {
      text += std::string(kTableIndent, ' ') + row.label + "\n";
      TextTable grid = Grid(headings);
      for (const PeerMeasure& measure : table.measures) {
        grid.Add(line(measure.label, row, measure));
      }
      text += grid.Text() + "\n";
    }
  }
  if (!table.ratios.empty()) {
    TextTable grid = Grid({"", "", ""});
    for (const PeerRatio& ratio : table.ratios) {
      for (const PeerRow& row : table.rows) {
        if (row.cells[ratio.of].job.empty() || row.cells[ratio.over].job.empty()) continue;
        grid.Add({ratio.label, row.label, RatioText(table, row, ratio, blocks)});
      }
    }
    text += grid.Text() + "\n";
  }
  return text;
}

}  // namespace

absl::StatusOr<PeerSample> ParsePeerOutput(std::string_view output) {
  const absl::string_view text =
      absl::StripTrailingAsciiWhitespace(absl::string_view(output.data(), output.size()));
  const size_t newline = text.rfind('\n');
  const std::string line(newline == absl::string_view::npos ? text : text.substr(newline + 1));
  const Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return absl::InvalidArgumentError(line.empty() ? "it printed nothing"
                                                   : "its last line is no JSON object: " +
                                                         line.substr(0, 200));
  }
  PeerSample sample;
  for (const auto& [name, value] : object.items()) {
    if (value.is_number()) sample[name] = value.get<double>();
    if (value.is_boolean()) sample[name] = value.get<bool>() ? 1 : 0;
  }
  if (sample.empty()) return absl::InvalidArgumentError("its last line holds no number: " + line);
  return sample;
}

PeerSample MedianSample(const std::vector<PeerSample>& runs) {
  std::map<std::string, std::vector<double>> values;
  for (const PeerSample& run : runs) {
    for (const auto& [field, value] : run) values[field].push_back(value);
  }
  PeerSample medians;
  for (const auto& [field, all] : values) medians[field] = stats::Quantile(all, 0.5).value_or(0);
  return medians;
}

std::vector<double> PeerValues(const PeerCell& cell, const PeerMeasure& measure,
                               const std::vector<PeerBlock>& blocks) {
  std::vector<double> values;
  for (const PeerBlock& block : blocks) {
    if (const std::optional<double> value = Value(cell, measure, block)) values.push_back(*value);
  }
  return values;
}

std::string PeerTables(const PeerPlan& plan, const std::vector<PeerBlock>& blocks) {
  std::string text;
  std::set<std::string> said;
  for (const PeerTable& table : plan.tables) {
    text += TableText(table, blocks);
    bool any = false;
    for (const std::string& note : table.notes) {
      if (!said.insert(note).second) continue;
      any = true;
      for (const std::string& line : Wrap(note, kWidth - kTableIndent)) {
        text += std::string(kTableIndent, ' ') + line + "\n";
      }
    }
    if (any) text += "\n";
  }
  if (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace heapwise::runner
