// The solution. The profile names the line with std::sort, which sorts in place: what allocates there is
// the copy of two products for each comparison. SoldMore has to take references.
#include "lessons/08-heap-profile/lesson.h"

namespace exercise {
namespace {

using Count = std::pair<std::string, int>;  // a product, and how often it was sold

std::map<std::string, int> CountAll(std::span<const std::string> sold) {
  std::map<std::string, int> counts;
  for (const std::string& product : sold) ++counts[product];
  return counts;
}

bool SoldMore(const Count& a, const Count& b) {
  return a.second != b.second ? a.second > b.second : a.first < b.first;
}

}  // namespace

std::vector<std::string> BestSellers(std::span<const std::string> sold, size_t n) {
  std::vector<Count> products;
  for (const auto& count : CountAll(sold)) products.push_back(count);
  std::sort(products.begin(), products.end(), SoldMore);
  std::vector<std::string> best;
  for (const auto& [product, count] : std::span(products).first(std::min(n, products.size()))) {
    best.push_back(product);
  }
  return best;
}

}  // namespace exercise
