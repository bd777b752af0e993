#include <array>
#include <coroutine>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "benchmarks/runner/testdata/escapes/case.h"

struct Point {
  long x = 1;
  long y = 2;
};

namespace returned_pointer {
[[gnu::noinline]] Point* Make() { return new Point; }
void Run() {
  Point* point = Make();
  Keep(point);
  delete point;
}
}  // namespace returned_pointer

namespace value {
[[gnu::noinline]] Point Make() { return {UnknownNumber(), 2}; }
void Run() { Use(Make().x); }
}  // namespace value

namespace local_unique {
void Run() {
  auto point = std::make_unique<Point>();
  point->x = UnknownNumber();
  Use(point->x);
}
}  // namespace local_unique

namespace returned_unique {
[[gnu::noinline]] std::unique_ptr<Point> Make() { return std::make_unique<Point>(); }
void Run() { Keep(Make().get()); }
}  // namespace returned_unique

namespace inlined_unique {
inline std::unique_ptr<Point> Make() { return std::make_unique<Point>(); }
void Run() {
  const auto point = Make();
  point->x = UnknownNumber();
  Use(point->x);
}
}  // namespace inlined_unique

namespace local_new {
void Run() {
  Point* point = new Point;
  point->x = UnknownNumber();
  Use(point->x);
  delete point;
}
}  // namespace local_new

namespace local_array {
void Run() {
  int* numbers = new int[8];
  numbers[0] = UnknownNumber();
  Use(numbers[0]);
  delete[] numbers;
}
}  // namespace local_array

namespace kept_array {
void Run() {
  int* numbers = new int[UnknownNumber()];
  Keep(numbers);
  delete[] numbers;
}
}  // namespace kept_array

namespace unique_array {
void Run() {
  const auto numbers = std::make_unique<int[]>(UnknownNumber());
  Keep(numbers.get());
}
}  // namespace unique_array

namespace over_aligned {
struct alignas(64) Line {
  char bytes[64];
};
void Run() {
  const auto line = std::make_unique<Line>();
  Keep(line.get());
}
}  // namespace over_aligned

namespace stored_in_global {
Point* kept;
void Run() { kept = new Point; }
}  // namespace stored_in_global

namespace static_local {
const Point& Shared() {
  static const Point* const point = new Point;
  return *point;
}
void Run() { Use(Shared().x); }
}  // namespace static_local

namespace placement {
void Run() {
  alignas(Point) std::byte room[sizeof(Point)];
  Point* point = new (room) Point;
  Keep(point);
}
}  // namespace placement

namespace class_operator {
struct Pooled {
  static void* operator new(std::size_t bytes) { return std::malloc(bytes); }
  static void operator delete(void* p) { std::free(p); }
  long x = 1;
};
void Run() {
  Pooled* pooled = new Pooled;
  Keep(pooled);
  delete pooled;
}
}  // namespace class_operator

namespace arena_operator {
std::byte arena[256];
struct Cell {
  static void* operator new(std::size_t) { return arena; }
  static void operator delete(void*) {}
  long x = 1;
};
void Run() {
  Cell* cell = new Cell;
  Keep(cell);
  delete cell;
}
}  // namespace arena_operator

namespace virtual_factory {
struct Factory {
  virtual ~Factory() = default;
  virtual Point* Make() const = 0;
};
struct HeapFactory : Factory {
  Point* Make() const override { return new Point; }
};
const HeapFactory factory;
const Factory* volatile chosen = &factory;
void Run() {
  Point* point = chosen->Make();
  Keep(point);
  delete point;
}
}  // namespace virtual_factory

namespace lambda {
void Run() {
  const auto twice = [factor = std::make_unique<int>(2)](int n) { return *factor * n; };
  Use(twice(UnknownNumber()));
}
}  // namespace lambda

namespace lambda_that_allocates {
void Run() {
  const auto make = [] { return new Point; };
  Point* point = make();
  Keep(point);
  delete point;
}
}  // namespace lambda_that_allocates

namespace variadic {
template <class... Values>
[[gnu::noinline]] void Store(Values... values) {
  (Keep(new Values(values)), ...);
}
void Run() { Store(1, 2L, Point()); }
}  // namespace variadic

namespace perfect_forwarding {
template <class T, class... Args>
std::unique_ptr<T> Make(Args&&... args) {
  return std::unique_ptr<T>(new T{std::forward<Args>(args)...});
}
void Run() { Use(Make<Point>(100, 2)->x); }
}  // namespace perfect_forwarding

namespace thrown {
[[gnu::noinline]] void Fail() { throw Point(); }
void Run() {
  try {
    Fail();
  } catch (const Point&) {
  }
}
}  // namespace thrown

namespace large_on_stack {
void Run() {
  std::array<char, 1 << 20> room;
  room[UnknownNumber()] = 1;
  Keep(room.data());
}
}  // namespace large_on_stack

namespace local_malloc {
void Run() {
  int* number = static_cast<int*>(std::malloc(sizeof(int)));
  *number = UnknownNumber();
  Use(*number);
  std::free(number);
}
}  // namespace local_malloc

namespace kept_malloc {
void Run() {
  void* memory = std::malloc(UnknownNumber());
  Keep(memory);
  std::free(memory);
}
}  // namespace kept_malloc

namespace on_one_path {
void Run() {
  auto point = std::make_unique<Point>();
  if (UnknownNumber() == 100) Keep(point.get());
}
}  // namespace on_one_path

namespace alike {
[[gnu::noinline]] Point* MakeOne() { return new Point; }
[[gnu::noinline]] Point* MakeOther() { return new Point; }
void Run() {
  Keep(MakeOne());
  Keep(MakeOther());
}
}  // namespace alike

namespace coroutine {
struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(int v) { value = v; }
    void unhandled_exception() { std::terminate(); }
    int value = 0;
  };
  std::coroutine_handle<promise_type> handle;
};
[[gnu::noinline]] Task Answer(int n) { co_return n + 1; }
void Run() {
  const Task task = Answer(UnknownNumber());
  task.handle.resume();
  Use(task.handle.promise().value);
  task.handle.destroy();
}
}  // namespace coroutine

namespace coroutine_in_place {
struct Task {
  struct promise_type {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  explicit Task(std::coroutine_handle<promise_type> h) : handle(h) {}
  ~Task() { handle.destroy(); }
  std::coroutine_handle<promise_type> handle;
};
inline Task Once() { co_return; }
void Run() { const Task task = Once(); }
}  // namespace coroutine_in_place

// Made before main.
const unsigned long before_global = NewsSoFar();
Point* global = new Point;
unsigned long global_news = NewsSoFar() - before_global;

extern const Case kLanguageCases[] = {
    {"returned_pointer", returned_pointer::Run},
    {"value", value::Run},
    {"local_unique", local_unique::Run},
    {"returned_unique", returned_unique::Run},
    {"inlined_unique", inlined_unique::Run},
    {"local_new", local_new::Run},
    {"local_array", local_array::Run},
    {"kept_array", kept_array::Run},
    {"unique_array", unique_array::Run},
    {"over_aligned", over_aligned::Run},
    {"stored_in_global", stored_in_global::Run},
    {"static_local", static_local::Run},
    {"placement", placement::Run},
    {"class_operator", class_operator::Run},
    {"arena_operator", arena_operator::Run},
    {"virtual_factory", virtual_factory::Run},
    {"lambda", lambda::Run},
    {"lambda_that_allocates", lambda_that_allocates::Run},
    {"variadic", variadic::Run},
    {"perfect_forwarding", perfect_forwarding::Run},
    {"thrown", thrown::Run},
    {"large_on_stack", large_on_stack::Run},
    {"local_malloc", local_malloc::Run},
    {"kept_malloc", kept_malloc::Run},
    {"on_one_path", on_one_path::Run},
    {"alike", alike::Run},
    {"coroutine", coroutine::Run},
    {"coroutine_in_place", coroutine_in_place::Run},
    {},
};
