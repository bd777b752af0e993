#include "heapwise/heap.h"
#include "lessons/04-escape-analysis/lesson.h"

using heapwise::runtime::New;

namespace slow {

// Returned pointer: the caller reads the Total when the variables of this call are gone.
Total* Add(Order order) {
  Total* total = New<Total>();
  for (const Item& item : order) {
    total->cents += item.cents * item.pieces;
    total->pieces += item.pieces;
  }
  return total;
}

// Stored in a global: `last` is there as long as the program runs.
const Total* last = nullptr;

void Remember(const Total& total) { last = New<Total>(total); }
Total Remembered() { return *last; }

// Captured by a closure that outlives the call. A std::function has room for 16 bytes in itself;
// the Offer has 24.
Reduction ReductionOf(const Offer& offer) {
  return [offer](int64_t cents) { return offer.Reduce(cents); };
}

// Behind an interface: the caller knows neither the type nor its size, so it cannot hold the
// object.
std::unique_ptr<Payment> PaymentOf(int64_t cents) {
  if (cents < kCardFromCents) return std::make_unique<Cash>();
  return std::make_unique<Card>();
}

// Growing container: it begins without memory, and asks for more each time that it is full.
std::vector<int64_t> Lines(Order order) {
  std::vector<int64_t> lines;
  for (const Item& item : order) lines.push_back(item.cents * item.pieces);
  return lines;
}

}  // namespace slow
