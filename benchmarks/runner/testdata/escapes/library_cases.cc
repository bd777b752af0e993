#include <any>
#include <deque>
#include <functional>
#include <initializer_list>
#include <list>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "benchmarks/runner/testdata/escapes/case.h"

struct Large {
  long numbers[16] = {};
};

namespace optional {
[[gnu::noinline]] std::optional<Large> Find(int n) {
  if (n == 0) return std::nullopt;
  return Large();
}
void Run() { Use(Find(UnknownNumber()).has_value() ? 1 : 0); }
}  // namespace optional

namespace variant {
void Run() {
  std::variant<int, Large> either = Large();
  Keep(&either);
}
}  // namespace variant

namespace function_small {
void Run() {
  const int n = UnknownNumber();
  const std::function<int()> function = [n] { return n; };
  Keep(&function);
}
}  // namespace function_small

namespace function_large {
void Run() {
  const Large large;
  const std::function<long()> function = [large] { return large.numbers[0]; };
  Keep(&function);
}
}  // namespace function_large

namespace any_small {
void Run() {
  std::any any = UnknownNumber();
  Keep(&any);
}
}  // namespace any_small

namespace any_large {
void Run() {
  std::any any = Large();
  Keep(&any);
}
}  // namespace any_large

namespace string_short {
void Run() {
  std::string text = "short";
  Keep(&text);
}
}  // namespace string_short

namespace string_long {
void Run() {
  std::string text = "longer than the sixteen bytes in a string";
  Keep(&text);
}
}  // namespace string_long

namespace string_unknown {
void Run() {
  std::string text = UnknownText();
  Keep(&text);
}
}  // namespace string_unknown

namespace string_appended {
void Run() {
  std::string text = "short";
  text += UnknownText();
  Keep(&text);
}
}  // namespace string_appended

namespace vector_constant {
void Run() {
  std::vector<int> numbers(8);
  Keep(numbers.data());
}
}  // namespace vector_constant

namespace vector_variable {
void Run() {
  std::vector<int> numbers(UnknownNumber());
  Keep(numbers.data());
}
}  // namespace vector_variable

namespace vector_empty {
void Run() {
  std::vector<int> numbers;
  Keep(&numbers);
}
}  // namespace vector_empty

namespace vector_push {
void Run() {
  std::vector<int> numbers;
  Keep(&numbers);
  numbers.push_back(UnknownNumber());
}
}  // namespace vector_push

namespace initializer_list {
[[gnu::noinline]] int Sum(std::initializer_list<int> numbers) {
  int sum = 0;
  for (const int n : numbers) sum += n;
  return sum;
}
void Run() { Use(Sum({40, 30, 30})); }
}  // namespace initializer_list

namespace vector_of_list {
void Run() {
  std::vector<int> numbers = {1, 2, 3};
  Keep(numbers.data());
}
}  // namespace vector_of_list

namespace list {
void Run() {
  std::list<int> numbers;
  numbers.push_back(UnknownNumber());
  Keep(&numbers);
}
}  // namespace list

namespace deque {
void Run() {
  std::deque<int> numbers;
  Keep(&numbers);
}
}  // namespace deque

namespace map {
void Run() {
  std::map<int, int> ages;
  ages[UnknownNumber()] = 1;
  Keep(&ages);
}
}  // namespace map

namespace map_empty {
void Run() {
  std::map<int, int> ages;
  Keep(&ages);
}
}  // namespace map_empty

namespace unordered_map {
void Run() {
  std::unordered_map<int, int> ages;
  ages[UnknownNumber()] = 1;
  Keep(&ages);
}
}  // namespace unordered_map

namespace make_shared {
void Run() {
  const auto large = std::make_shared<Large>();
  Keep(large.get());
}
}  // namespace make_shared

namespace shared_of_new {
void Run() {
  const std::shared_ptr<Large> large(new Large);
  Keep(large.get());
}
}  // namespace shared_of_new

namespace unique_of_large {
void Run() {
  const auto large = std::make_unique<Large>();
  large->numbers[3] = UnknownNumber();
  Use(large->numbers[3]);
}
}  // namespace unique_of_large

namespace stream {
void Run() {
  std::ostringstream text;
  text << UnknownNumber();
  Keep(&text);
}
}  // namespace stream

namespace runtime_error {
void Run() {
  std::runtime_error error(UnknownText());
  Keep(&error);
}
}  // namespace runtime_error

namespace monotonic_buffer {
void Run() {
  std::byte room[1024];
  std::pmr::monotonic_buffer_resource arena(room, sizeof(room), std::pmr::null_memory_resource());
  Keep(arena.allocate(100, 8));
}
}  // namespace monotonic_buffer

extern const Case kLibraryCases[] = {
    {"optional", optional::Run},
    {"variant", variant::Run},
    {"function_small", function_small::Run},
    {"function_large", function_large::Run},
    {"any_small", any_small::Run},
    {"any_large", any_large::Run},
    {"string_short", string_short::Run},
    {"string_long", string_long::Run},
    {"string_unknown", string_unknown::Run},
    {"string_appended", string_appended::Run},
    {"vector_constant", vector_constant::Run},
    {"vector_variable", vector_variable::Run},
    {"vector_empty", vector_empty::Run},
    {"vector_push", vector_push::Run},
    {"initializer_list", initializer_list::Run},
    {"vector_of_list", vector_of_list::Run},
    {"list", list::Run},
    {"deque", deque::Run},
    {"map", map::Run},
    {"map_empty", map_empty::Run},
    {"unordered_map", unordered_map::Run},
    {"make_shared", make_shared::Run},
    {"shared_of_new", shared_of_new::Run},
    {"unique_of_large", unique_of_large::Run},
    {"stream", stream::Run},
    {"runtime_error", runtime_error::Run},
    {"monotonic_buffer", monotonic_buffer::Run},
    {},
};
