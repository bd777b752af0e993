#include "benchmarks/harness/lesson.h"
#include "lessons/04-escape-analysis/lesson.h"

namespace {

constexpr std::array<Item, 4> kOrder = {{{1299, 1}, {450, 2}, {89, 6}, {2500, 1}}};
constexpr int64_t kCents = 3000;

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.Slow([] { return slow::Checkout(kOrder); });
  lesson.Fast([] { return fast::Checkout(kOrder); });

  // Each cause alone, and its rewrite.
  lesson.Add("slow/pointer", [] { return *slow::Add(kOrder); });
  lesson.Add("fast/pointer", [] { return fast::Add(kOrder); });
  lesson.Add("slow/global", [] { slow::Remember({kCents, 1}); });
  lesson.Add("fast/global", [] { fast::Remember({kCents, 1}); });
  lesson.Add("slow/closure", [] { return slow::ReductionOf(kOffer)(kCents); });
  lesson.Add("fast/closure", [] { return fast::ReductionOf(kOffer)(kCents); });
  lesson.Add("slow/interface", [] { return slow::PaymentOf(kCents)->Charge(kCents); });
  lesson.Add("fast/interface", [] {
    return std::visit([](const auto& means) { return means.Charge(kCents); },
                      fast::PaymentOf(kCents));
  });
  lesson.Add("slow/growing", [] { return slow::Lines(kOrder).back(); });
  lesson.Add("fast/growing", [] { return fast::Lines(kOrder).cents.front(); });
  lesson.Add("slow/large", [] { return slow::DistinctPrices(kOrder); });
  lesson.Add("fast/large", [] { return fast::DistinctPrices(kOrder); });

  // What looks like a heap allocation and is none, beside the same that is one.
  lesson.Add("elided", [] { return elided::Cents(kOrder); });
  lesson.Add("kept", [] { return kept::Cents(kOrder); });
  lesson.Add("small_closure", [] { return small::PercentOff(10)(kCents); });
}
