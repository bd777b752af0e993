#include "benchmarks/runner/peers/peers_table.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/base/terminal.h"
#include "benchmarks/runner/format/wording.h"
#include "benchmarks/stats/quantile.h"
#include "benchmarks/stats/ratio.h"

namespace heapwise::runner {
namespace {

constexpr int kWidth = 100;  // of notes; six columns need a little more
constexpr int kIndent = 2;
constexpr int kGap = 2;
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

// Lines of cells as a table: the first column to the left, the others to the right. The first line's cells
// are headings, broken at spaces where they are wider than what stands below them.
std::string Grid(const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& lines) {
  std::vector<int> widths(headings.size(), kNarrowest);
  widths[0] = 0;
  std::vector<std::vector<std::string>> broken;
  size_t heading_lines = 0;
  for (size_t i = 0; i < headings.size(); ++i) {
    for (const std::vector<std::string>& line : lines) {
      widths[i] = std::max(widths[i], DisplayWidth(line[i]));
    }
    broken.push_back(i == 0 ? std::vector<std::string>{headings[i]} : Wrap(headings[i], widths[i]));
    for (const std::string& part : broken[i]) widths[i] = std::max(widths[i], DisplayWidth(part));
    if (!headings[i].empty()) heading_lines = std::max(heading_lines, broken[i].size());
  }
  std::string text;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line(kIndent, ' ');
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - DisplayWidth(cells[i]), ' ');
      line += i == 0 ? cells[i] + padding : std::string(kGap, ' ') + padding + cells[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  for (size_t n = 0; n < heading_lines; ++n) {
    std::vector<std::string> cells;
    for (const std::vector<std::string>& parts : broken) {
      const size_t above =
          heading_lines - parts.size();  // the last words stand right above the cells
      cells.push_back(n >= above ? parts[n - above] : "");
    }
    add(cells);
  }
  for (const std::vector<std::string>& line : lines) add(line);
  return text;
}

// Without the notes.
std::string TableText(const PeerTable& table, const std::vector<PeerBlock>& blocks) {
  std::string text = table.title + "\n\n";
  const auto line = [&](const std::string& label, const PeerRow& row, const PeerMeasure& measure) {
    std::vector<std::string> cells = {label};
    for (const PeerCell& cell : row.cells) cells.push_back(CellText(row, cell, measure, blocks));
    return cells;
  };
  const auto grid = [&](const std::string& heading,
                        const std::vector<std::vector<std::string>>& lines) {
    std::vector<std::string> headings = {heading};
    for (const PeerColumn& column : table.columns) headings.push_back(column.label);
    text += Grid(headings, lines) + "\n";
  };
  if (table.measures.size() == 1) {
    std::vector<std::vector<std::string>> lines;
    for (const PeerRow& row : table.rows) lines.push_back(line(row.label, row, table.measures[0]));
    grid("", lines);
  } else {
    for (const PeerRow& row : table.rows) {
      text += std::string(kIndent, ' ') + row.label + "\n";
      std::vector<std::vector<std::string>> lines;
      for (const PeerMeasure& measure : table.measures) {
        lines.push_back(line(measure.label, row, measure));
      }
      grid("", lines);
    }
  }
  if (!table.ratios.empty()) {
    std::vector<std::vector<std::string>> lines;
    for (const PeerRatio& ratio : table.ratios) {
      for (const PeerRow& row : table.rows) {
        if (row.cells[ratio.of].job.empty() || row.cells[ratio.over].job.empty()) continue;
        lines.push_back({ratio.label, row.label, RatioText(table, row, ratio, blocks)});
      }
    }
    text += Grid({"", "", ""}, lines) + "\n";
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
      for (const std::string& line : Wrap(note, kWidth - kIndent)) {
        text += std::string(kIndent, ' ') + line + "\n";
      }
    }
    if (any) text += "\n";
  }
  if (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace heapwise::runner
