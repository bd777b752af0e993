#include "benchmarks/runner/testdata/escapes/local.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "benchmarks/runner/testdata/escapes/case.h"

namespace static_in_header {
void Run() {
  int* number = Make(UnknownNumber());
  Keep(number);
  delete number;
}
}  // namespace static_in_header

namespace unnamed_in_header {
void Run() {
  int* numbers = Make(UnknownNumber());
  Keep(numbers);
  delete[] numbers;
}
}  // namespace unnamed_in_header

namespace lambda_in_header {
void Run() {
  int* number = kMake(UnknownNumber());
  Keep(number);
  delete number;
}
}  // namespace lambda_in_header

namespace virtual_in_header {
void Run() {
  static Maker maker;
  Maker* volatile unknown = &maker;
  int* number = unknown->Make(UnknownNumber());
  Keep(number);
  delete number;
}
}  // namespace virtual_in_header

namespace thrown_in_header {
void Run() {
  try {
    RefuseLarge(UnknownNumber());
  } catch (const TooLarge&) {
  }
}
}  // namespace thrown_in_header

// GCC clones the constructor for them.
namespace two_lists {
void Run() {
  const std::vector<int> a = {1, 2, 3};
  Keep(a.data());
  const std::vector<int> b = {1, 2, 3, 4};
  Keep(b.data());
}
}  // namespace two_lists

namespace nothrow_new {
void Run() {
  int* number = new (std::nothrow) int(UnknownNumber());
  Keep(number);
  delete number;
}
}  // namespace nothrow_new

namespace aligned_array {
struct alignas(64) Line {
  char bytes[64];
};
void Run() {
  Line* lines = new Line[UnknownNumber()];
  Keep(lines);
  delete[] lines;
}
}  // namespace aligned_array

namespace duplicated_text {
void Run() {
  char* text = strdup(UnknownText());
  Keep(text);
  std::free(text);
}
}  // namespace duplicated_text

namespace cleared_memory {
void Run() {
  void* memory = std::calloc(UnknownNumber(), 8);
  Keep(memory);
  std::free(memory);
}
}  // namespace cleared_memory

// What -fno-plt makes of every call.
extern "C" __attribute__((noplt)) void* malloc(std::size_t);
namespace without_plt {
void Run() {
  void* memory = malloc(UnknownNumber());
  Keep(memory);
  std::free(memory);
}
}  // namespace without_plt

// As a parser generator writes it.
namespace generated {
#line 12 "grammar.y"
[[gnu::noinline]] int* Make(int n) { return new int(n); }
#line 130 "local_cases.cc"
void Run() {
  int* number = Make(UnknownNumber());
  Keep(number);
  delete number;
}
}  // namespace generated

extern const Case kLocalCases[] = {
    {"static_in_header", static_in_header::Run},
    {"unnamed_in_header", unnamed_in_header::Run},
    {"lambda_in_header", lambda_in_header::Run},
    {"virtual_in_header", virtual_in_header::Run},
    {"thrown_in_header", thrown_in_header::Run},
    {"two_lists", two_lists::Run},
    {"nothrow_new", nothrow_new::Run},
    {"aligned_array", aligned_array::Run},
    {"duplicated_text", duplicated_text::Run},
    {"cleared_memory", cleared_memory::Run},
    {"without_plt", without_plt::Run},
    {"generated", generated::Run},
    {},
};
