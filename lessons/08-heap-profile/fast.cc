#include "lessons/08-heap-profile/lesson.h"

namespace fast {

// What a row has in the column of this name.
int64_t Field(const Table& table, const Row& row, std::string_view name) {
  const auto& columns = table.columns();
  return row[std::ranges::find(columns, name) - columns.begin()];
}

std::string Line(const Table& table, const Row& row) {
  std::string line;
  line.reserve(kLineBytes);
  line += "customer " + std::to_string(Field(table, row, "customer number"));
  line += ": " + std::to_string(Field(table, row, "pieces"));
  line += " for " + std::to_string(Field(table, row, "amount in cents"));
  line += '\n';
  return line;
}

std::string Report(const Table& table, int day) {
  std::string report;
  report.reserve(kReportBytes);
  std::map<int64_t, int64_t> cents;  // of each country
  for (const Row& row : table.Day(day)) {
    report += Line(table, row);
    cents[Field(table, row, "country of destination")] += Field(table, row, "amount in cents");
  }
  for (const auto& [country, sum] : cents) {
    report += std::to_string(country) + ": " + std::to_string(sum) + '\n';
  }
  return report;
}

}  // namespace fast
