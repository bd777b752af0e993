#include "heapwise/heap.h"
#include "lessons/06-avoid-allocation/lesson.h"

namespace slow {

// The sum lives on the heap, because its address is returned.
int64_t* Sum(std::span<const uint8_t> data) {
  int64_t* sum = heapwise::runtime::New<int64_t>();
  for (uint8_t byte : data) *sum += byte;
  return sum;
}

// The string outgrows its buffer again and again: each time a larger one is allocated, and all of
// the text so far is copied over.
std::string Join(std::span<const std::string> pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

std::vector<int64_t> Numbers(int64_t count) {
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

}  // namespace slow
