// Lesson 06: three small jobs, each with an allocation (or many) that it does not need.
//
// All functions are compiled apart from their callers, so that no call is inlined.
#ifndef HEAPWISE_LESSONS_06_AVOID_ALLOCATION_LESSON_H_
#define HEAPWISE_LESSONS_06_AVOID_ALLOCATION_LESSON_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The job of the tutorial's process and processBad: the sum of all bytes. Where the result is a
// pointer, it points to the garbage-collected heap.
//
// Join: the pieces in a row, as one string.
// Numbers: 0, 1, 2, ... up to count - 1.
namespace slow {

int64_t* Sum(std::span<const uint8_t> data);
std::string Join(std::span<const std::string> pieces);
std::vector<int64_t> Numbers(int64_t count);

}  // namespace slow

namespace fast {

int64_t Sum(std::span<const uint8_t> data);
std::string Join(std::span<const std::string> pieces);
std::vector<int64_t> Numbers(int64_t count);

}  // namespace fast

// What Go's `text += piece` does, written in C++: a new string for each piece.
namespace wrong {

std::string Join(std::span<const std::string> pieces);

}  // namespace wrong

namespace exercise {

// `fields` with a comma between each two of them: {"a", "b", "c"} gives "a,b,c".
std::string ToCsv(std::span<const std::string> fields);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_06_AVOID_ALLOCATION_LESSON_H_
