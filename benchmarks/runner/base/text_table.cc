#include "benchmarks/runner/base/text_table.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "benchmarks/runner/base/terminal.h"

namespace heapwise::runner {
namespace {

constexpr char kReset[] = "\033[0m";

// A cell with its lines.
struct Piece {
  std::vector<std::string> lines;
  std::string colour;
};

std::vector<std::string> LinesOf(const std::string& text, int most) {
  if (most > 0) return Wrap(text, most);
  return absl::StrSplit(text, '\n');
}

}  // namespace

std::string TextTable::Text() const {
  size_t count = headings_.size();
  for (const std::vector<TextCell>& row : rows_) count = std::max(count, row.size());
  std::vector<TextColumn> columns = columns_;
  columns.resize(std::max(columns.size(), count));
  std::vector<int> widths;
  for (const TextColumn& column : columns) widths.push_back(column.least);
  const auto widen = [&](size_t i, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      int width = DisplayWidth(line);
      if (columns[i].most > 0) width = std::min(width, columns[i].most);
      widths[i] = std::max(widths[i], width);
    }
  };

  std::vector<std::vector<Piece>> rows;
  for (const std::vector<TextCell>& row : rows_) {
    std::vector<Piece> pieces;
    for (size_t i = 0; i < row.size(); ++i) {
      pieces.push_back({LinesOf(row[i].text, columns[i].most), row[i].colour});
      widen(i, pieces.back().lines);
    }
    rows.push_back(std::move(pieces));
  }
  size_t heading_lines = 0;
  std::vector<Piece> head;
  for (size_t i = 0; i < headings_.size(); ++i) {
    std::vector<std::string> lines;
    if (!headings_[i].empty()) lines = {headings_[i]};
    if (columns[i].right) lines = Wrap(headings_[i], widths[i]);
    widen(i, lines);
    heading_lines = std::max(heading_lines, lines.size());
    head.push_back({std::move(lines), ""});
  }
  for (Piece& piece : head) {
    piece.lines.insert(piece.lines.begin(), heading_lines - piece.lines.size(), "");
  }
  rows.insert(rows.begin(), std::move(head));

  std::string text;
  for (const std::vector<Piece>& row : rows) {
    size_t height = 0;
    for (const Piece& piece : row) height = std::max(height, piece.lines.size());
    for (size_t n = 0; n < height; ++n) {
      std::string line;
      int due = indent_;  // spaces before the next cell that is not empty
      for (size_t i = 0; i < row.size(); ++i) {
        if (i > 0) due += gap_;
        const std::string& cell = n < row[i].lines.size() ? row[i].lines[n] : "";
        const int space = std::max(0, widths[i] - DisplayWidth(cell));
        if (cell.empty()) {
          due += space;
          continue;
        }
        line += std::string(due + (columns[i].right ? space : 0), ' ');
        line += row[i].colour.empty() ? cell : row[i].colour + cell + kReset;
        due = columns[i].right ? 0 : space;
      }
      text += line + "\n";
    }
  }
  return text;
}

}  // namespace heapwise::runner
