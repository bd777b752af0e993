#ifndef HEAPWISE_LESSONS_08_HEAP_PROFILE_LESSON_H_
#define HEAPWISE_LESSONS_08_HEAP_PROFILE_LESSON_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The sales of two years, held in memory: 730 days of 250 rows, one row for each sale.
using Row = std::array<int64_t, 6>;
inline constexpr int kDays = 730;
inline constexpr int kSalesOfADay = 250;
inline constexpr int kCountries = 20;

class Table {
 public:
  Table(std::vector<std::string> columns, std::vector<Row> rows)
      : columns_(std::move(columns)), rows_(std::move(rows)) {}

  const std::vector<std::string>& columns() const { return columns_; }
  std::span<const Row> Day(int day) const {
    return std::span(rows_).subspan(day * kSalesOfADay, kSalesOfADay);
  }

 private:
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
};

// Loaded at the first call.
const Table& Sales();

inline constexpr size_t kReportBytes = 16 << 10;  // room for the report of a day
inline constexpr size_t kLineBytes = 80;          // room for a line of it

// Report lists the sales of a day, a line each, and then what each country bought.
namespace slow {
std::string Report(const Table& table, int day);
}
namespace fast {  // the line mended that the profile names
std::string Report(const Table& table, int day);
}
namespace guess {  // the line mended that looks expensive
std::string Report(const Table& table, int day);
}

// The exercise: the n products that were sold most often, the most frequent first; of two that were
// sold equally often the one that is first in the alphabet.
namespace exercise {
std::vector<std::string> BestSellers(std::span<const std::string> sold, size_t n);
}

#endif  // HEAPWISE_LESSONS_08_HEAP_PROFILE_LESSON_H_
