// The two tills. They differ in how the results of the five functions are held, and in nothing
// else.
#include "lessons/04-escape-analysis/lesson.h"

namespace slow {

Receipt Checkout(Order order) {
  const Total* total = Add(order);
  Remember(*total);
  const int64_t reduced = ReductionOf(kOffer)(total->cents);
  const std::unique_ptr<Payment> payment = PaymentOf(reduced);
  int64_t dearest = 0;
  for (const int64_t line : Lines(order)) dearest = std::max(dearest, line);
  return {.charged_cents = payment->Charge(reduced), .dearest_line_cents = dearest};
}

}  // namespace slow

namespace fast {

Receipt Checkout(Order order) {
  const Total total = Add(order);
  Remember(total);
  const int64_t reduced = ReductionOf(kOffer)(total.cents);
  const Payment payment = PaymentOf(reduced);
  int64_t dearest = 0;
  const LineList lines = Lines(order);
  for (const int64_t line : std::span(lines.cents).first(lines.count)) {
    dearest = std::max(dearest, line);
  }
  const auto charge = [reduced](const auto& means) { return means.Charge(reduced); };
  return {.charged_cents = std::visit(charge, payment), .dearest_line_cents = dearest};
}

}  // namespace fast
