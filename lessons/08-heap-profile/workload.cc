// The table that the reports are made of.
#include "lessons/08-heap-profile/lesson.h"

namespace {

Table LoadSales() {
  std::vector<Row> rows;
  rows.reserve(kDays * kSalesOfADay);
  for (int64_t i = 0; i < kDays * kSalesOfADay; ++i) {
    rows.push_back({i / kSalesOfADay, i * 7919 % 100'000, i % kCountries, 1 + i % 3,
                    100 + i * 104'729 % 9'900, i % 4 * 5});
  }
  return Table({"date", "customer number", "country of destination", "pieces", "amount in cents",
                "discount in percent"},
               std::move(rows));
}

}  // namespace

const Table& Sales() {
  static const auto* const sales = new Table(LoadSales());
  return *sales;
}
