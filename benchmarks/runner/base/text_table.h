// Text in columns, for people.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_TEXT_TABLE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_TEXT_TABLE_H_

#include <string>
#include <utility>
#include <vector>

namespace heapwise::runner {

// Where a table stands below a heading.
inline constexpr int kTableIndent = 2;
inline constexpr int kTableGap = 2;

// A column is as wide as its widest cell, within these bounds.
struct TextColumn {
  int least = 0;
  // 0: no bound; else longer cells are broken at spaces, and a longer word sticks out
  int most = 0;
  bool right = false;  // its cells stand at the right
};

// A line break in a cell of a column without bound begins a new line of it.
struct TextCell {
  TextCell(std::string cell_text) : text(std::move(cell_text)) {}  // NOLINT: a cell is its text
  TextCell(const char* cell_text) : text(cell_text) {}             // NOLINT
  TextCell(std::string cell_text, std::string escape)
      : text(std::move(cell_text)), colour(std::move(escape)) {}

  std::string text;
  std::string colour = "";  // the escape sequence to begin with; empty: none
};

class TextTable {
 public:
  // `indent` before each line, `gap` between two columns. Columns that are not named are at the left and unbounded.
  explicit TextTable(int indent = kTableIndent, int gap = kTableGap,
                     std::vector<TextColumn> columns = {})
      : indent_(indent), gap_(gap), columns_(std::move(columns)) {}

  // Headings, of which the last words stand right above the cells. In columns at the right they are broken at spaces
  // where they are wider than what stands below. Where all are empty there is no line of them.
  void Head(std::vector<std::string> headings) { headings_ = std::move(headings); }
  void Add(std::vector<TextCell> row) { rows_.push_back(std::move(row)); }

  // All lines, each with a newline and without spaces at its end.
  std::string Text() const;

 private:
  int indent_;
  int gap_;
  std::vector<TextColumn> columns_;
  std::vector<std::string> headings_;
  std::vector<std::vector<TextCell>> rows_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_TEXT_TABLE_H_
