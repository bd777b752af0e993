// Lesson 04: an order at the till of a shop. Five small functions work on it. In slow.cc each of
// them puts something on the heap, each for another reason; in fast.cc none does.
//
// Both files are compiled apart from their callers, as functions of a library are: what a caller
// does with a result is not known to the compiler when it compiles the function.
#ifndef HEAPWISE_LESSONS_04_ESCAPE_ANALYSIS_LESSON_H_
#define HEAPWISE_LESSONS_04_ESCAPE_ANALYSIS_LESSON_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <variant>
#include <vector>

struct Item {
  int64_t cents;  // for one piece; below kPrices
  int64_t pieces;
};

using Order = std::span<const Item>;

inline constexpr size_t kMostItems = 16;      // in an order
inline constexpr size_t kPrices = 128 << 10;  // different prices that there are, 0 to kPrices - 1

struct Total {
  int64_t cents = 0;
  int64_t pieces = 0;

  friend bool operator==(const Total&, const Total&) = default;
};

// So many percent off from so many cents on, but never more than the most.
struct Offer {
  int64_t percent;
  int64_t from_cents;
  int64_t most_cents;

  int64_t Reduce(int64_t cents) const {
    return cents < from_cents ? cents : cents - std::min(cents * percent / 100, most_cents);
  }
};

inline constexpr Offer kOffer = {.percent = 10, .from_cents = 2000, .most_cents = 500};
inline constexpr int64_t kCardFromCents = 1000;  // smaller sums are paid in cash

// No coin is below 5 cents; the bank takes 1 percent.
inline int64_t ChargeInCash(int64_t cents) { return (cents + 2) / 5 * 5; }
inline int64_t ChargeByCard(int64_t cents) { return cents + cents / 100; }

// What Checkout comes to, from all five functions.
struct Receipt {
  int64_t charged_cents;
  int64_t dearest_line_cents;

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

namespace slow {

using Reduction = std::function<int64_t(int64_t cents)>;

class Payment {
 public:
  virtual ~Payment() = default;
  virtual int64_t Charge(int64_t cents) const = 0;
};

class Cash : public Payment {
 public:
  int64_t Charge(int64_t cents) const override { return ChargeInCash(cents); }
};

class Card : public Payment {
 public:
  int64_t Charge(int64_t cents) const override { return ChargeByCard(cents); }
};

Total* Add(Order order);
void Remember(const Total& total);
Total Remembered();  // after Remember
Reduction ReductionOf(const Offer& offer);
std::unique_ptr<Payment> PaymentOf(int64_t cents);
std::vector<int64_t> Lines(Order order);

Receipt Checkout(Order order);  // calls each of them once (workload.cc)

}  // namespace slow

namespace fast {

struct Reduction {
  Offer offer;
  int64_t operator()(int64_t cents) const { return offer.Reduce(cents); }
};

struct Cash {
  int64_t Charge(int64_t cents) const { return ChargeInCash(cents); }
};

struct Card {
  int64_t Charge(int64_t cents) const { return ChargeByCard(cents); }
};

using Payment = std::variant<Cash, Card>;

// A list with its room in itself.
struct LineList {
  std::array<int64_t, kMostItems> cents;
  size_t count = 0;
};

Total Add(Order order);
void Remember(const Total& total);
Total Remembered();
Reduction ReductionOf(const Offer& offer);
Payment PaymentOf(int64_t cents);
LineList Lines(Order order);

Receipt Checkout(Order order);

}  // namespace fast

// How many different prices an order has, by a table of 128 KiB (large.cc).
namespace slow {
int64_t DistinctPrices(Order order);
}
namespace fast {
int64_t DistinctPrices(Order order);
}

// The cents of an order, summed in a Total that is allocated with new (elided.cc).
namespace elided {
int64_t Cents(Order order);
}
namespace kept {
int64_t Cents(Order order);
}

// A closure that fits into a std::function (small_closure.cc).
namespace small {
slow::Reduction PercentOff(int64_t percent);
}

// The exercise: the mean of the plausible temperatures, and the range that the last call found.
namespace exercise {

struct Range {
  int64_t low;
  int64_t high;

  friend bool operator==(const Range&, const Range&) = default;
};

// The mean of those readings that are at most `margin` away from the median; readings must not be
// empty, and hold at most 100. Rounds towards zero.
int64_t MeanOfPlausible(std::span<const int64_t> readings, int64_t margin);

// The range that counted as plausible in the last call, of which there must have been one.
Range LastPlausible();

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_04_ESCAPE_ANALYSIS_LESSON_H_
