// Lesson 16: a price service as it was found, and mended in four steps. A request names products,
// and its answer tells what the catalogue says of each. Every step is the file before it with a few
// lines changed:
//
//   slow.cc     as found
//   step1.cc    fewer allocations: no text is made only to be copied into another
//   step2.cc    the buffer comes from a pool
//   step3.cc    a higher GC percentage
//   fast.cc     a memory limit
#ifndef HEAPWISE_LESSONS_16_CAPSTONE_LESSON_H_
#define HEAPWISE_LESSONS_16_CAPSTONE_LESSON_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lessons/16-capstone/catalogue.h"

// What the service may take for its heap, in bytes. The limit of fast.cc is 90 % of it.
inline constexpr int64_t kBudgetBytes = 8 << 20;

// A pooled buffer that has grown beyond this is left to the collector (lesson 07).
inline constexpr size_t kLargestKept = 64 << 10;

// StartService chooses the collector's settings and loads the catalogue.
//
// Answer takes the names of products with a comma between two, such as "pear,plum", and returns
//
//   [{"name":"pear","price":120,"about":"..."},null]
//
// and a newline: null where the catalogue has no such name, [] for an empty request. A comma at the
// end adds nothing. The answer belongs to the caller: nothing changes it later, and it lives as long
// as something points to any of its bytes. Threads may call Answer at the same time.
namespace slow {
void StartService();
std::string_view Answer(std::string_view request);
}  // namespace slow

namespace step1 {
void StartService();
std::string_view Answer(std::string_view request);
}  // namespace step1

namespace step2 {
void StartService();
std::string_view Answer(std::string_view request);
}  // namespace step2

namespace step3 {
void StartService();
std::string_view Answer(std::string_view request);
}  // namespace step3

namespace fast {
void StartService();
std::string_view Answer(std::string_view request);
}  // namespace fast

namespace pool_alone {  // step 2 on the service as found
std::string_view Answer(std::string_view request);
}  // namespace pool_alone

// The exercise: better than fast.
namespace exercise {
void StartService();
std::string_view Answer(std::string_view request);
}  // namespace exercise

#endif  // HEAPWISE_LESSONS_16_CAPSTONE_LESSON_H_
