// One solution of the exercise: a value returned, a value in the global, a plain lambda that never
// leaves its function, and an array with room for as many readings as there can be.
#include "lessons/04-escape-analysis/lesson.h"

namespace exercise {
namespace {

constexpr size_t kMostReadings = 100;

Range last;

// `margin` to both sides of the median. Sorts the readings.
Range Around(std::span<int64_t> readings, int64_t margin) {
  std::sort(readings.begin(), readings.end());
  const int64_t median = readings[readings.size() / 2];
  return {median - margin, median + margin};
}

}  // namespace

int64_t MeanOfPlausible(std::span<const int64_t> readings, int64_t margin) {
  std::array<int64_t, kMostReadings> room{};
  const std::span<int64_t> sorted = std::span(room).first(readings.size());
  std::copy(readings.begin(), readings.end(), sorted.begin());
  const Range plausible = Around(sorted, margin);
  last = plausible;

  int64_t outliers = 0;
  const auto within = [plausible, &outliers](int64_t reading) {
    const bool is_plausible = plausible.low <= reading && reading <= plausible.high;
    if (!is_plausible) ++outliers;
    return is_plausible;
  };
  int64_t sum = 0;
  for (const int64_t reading : readings) sum += within(reading) ? reading : 0;
  return sum / (std::ssize(readings) - outliers);
}

Range LastPlausible() { return last; }

}  // namespace exercise
