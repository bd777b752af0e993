#include "lessons/08-heap-profile/lesson.h"

namespace guess {

// What a row has in the column of this name.
int64_t Field(const Table& table, const Row& row, std::string_view name) {
  const auto columns = table.columns();
  return row[std::ranges::find(columns, name) - columns.begin()];
}

// No string for each line: it goes to the end of the report.
void AppendLine(const Table& table, const Row& row, std::string& report) {
  report += "customer " + std::to_string(Field(table, row, "customer number"));
  report += ": " + std::to_string(Field(table, row, "pieces"));
  report += " for " + std::to_string(Field(table, row, "amount in cents"));
  report += '\n';
}

std::string Report(const Table& table, int day) {
  std::string report;
  report.reserve(kReportBytes);
  std::map<int64_t, int64_t> cents;  // of each country
  for (const Row& row : table.Day(day)) {
    AppendLine(table, row, report);
    cents[Field(table, row, "country of destination")] += Field(table, row, "amount in cents");
  }
  for (const auto& [country, sum] : cents) {
    report += std::to_string(country) + ": " + std::to_string(sum) + '\n';
  }
  return report;
}

}  // namespace guess
