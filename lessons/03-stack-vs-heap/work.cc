#include "lessons/03-stack-vs-heap/lesson.h"

uint64_t FillAndSum(std::span<uint64_t> numbers) {
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = i + 1;
  uint64_t sum = 0;
  for (const uint64_t number : numbers) sum += number;
  return sum;
}
