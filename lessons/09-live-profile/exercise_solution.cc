#include <array>
#include <map>
#include <vector>

#include "heapwise/heap.h"
#include "lessons/09-live-profile/lesson.h"

namespace exercise {
namespace {

using heapwise::runtime::Allocator;
using heapwise::runtime::New;

struct Basket {
  std::array<int64_t, kArticles> pieces;
  int64_t cents;
};

using Customers =
    std::map<int64_t, Basket*, std::less<>, Allocator<std::pair<const int64_t, Basket*>>>;

std::array<int64_t, kArticles> prices = [] {
  std::array<int64_t, kArticles> all;
  all.fill(100);
  return all;
}();

Customers customers;                                // the basket of each
std::vector<Basket*, Allocator<Basket*>> watchers;  // the baskets to tell of a new price

Basket& BasketOf(int64_t customer) {
  Basket*& basket = customers[customer];
  if (basket == nullptr) {
    basket = New<Basket>();
    watchers.push_back(basket);
  }
  return *basket;
}

}  // namespace

void Put(int64_t customer, int64_t article) {
  Basket& basket = BasketOf(customer);
  ++basket.pieces[article];
  basket.cents += prices[article];
}

int64_t Pay(int64_t customer) {
  const auto found = customers.find(customer);
  if (found == customers.end()) return 0;
  Basket* const basket = found->second;
  customers.erase(found);
  std::erase(watchers, basket);
  return basket->cents;
}

void SetPrice(int64_t article, int64_t cents) {
  for (Basket* basket : watchers)
    basket->cents += basket->pieces[article] * (cents - prices[article]);
  prices[article] = cents;
}

}  // namespace exercise
