#include "lessons/06-avoid-allocation/lesson.h"

namespace fast {

// The sum lives in a register. Nothing outlives the call but the number itself.
int64_t Sum(std::span<const uint8_t> data) {
  int64_t sum = 0;
  for (uint8_t byte : data) sum += byte;
  return sum;
}

// First ask how long the text will be; then one allocation is enough.
std::string Join(std::span<const std::string> pieces) {
  size_t length = 0;
  for (const std::string& piece : pieces) length += piece.size();
  std::string text;
  text.reserve(length);
  for (const std::string& piece : pieces) text += piece;
  return text;
}

std::vector<int64_t> Numbers(int64_t count) {
  std::vector<int64_t> numbers;
  numbers.reserve(count);
  for (int64_t i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

}  // namespace fast
