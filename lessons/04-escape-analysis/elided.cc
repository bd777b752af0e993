#include "lessons/04-escape-analysis/lesson.h"

namespace elided {

// new and delete are both in sight, and nobody else learns the address. The compiler may leave out
// both, and GCC does.
int64_t Cents(Order order) {
  auto total = std::make_unique<Total>();
  for (const Item& item : order) total->cents += item.cents * item.pieces;
  return total->cents;
}

}  // namespace elided

namespace kept {

// Remember is compiled elsewhere. It might keep the address, so the Total has to have one.
int64_t Cents(Order order) {
  auto total = std::make_unique<Total>();
  for (const Item& item : order) total->cents += item.cents * item.pieces;
  fast::Remember(*total);
  return total->cents;
}

}  // namespace kept
