// Functions of a header that have internal linkage or no caller that the compiler knows. Each stands in the namespace
// of its case (local_cases.cc).
#ifndef HEAPWISE_BENCHMARKS_RUNNER_TESTDATA_ESCAPES_LOCAL_H_
#define HEAPWISE_BENCHMARKS_RUNNER_TESTDATA_ESCAPES_LOCAL_H_

namespace static_in_header {
[[gnu::noinline]] static int* Make(int n) { return new int(n); }
}  // namespace static_in_header

namespace unnamed_in_header {
namespace {
[[gnu::noinline]] int* Make(int n) { return new int[n]; }
}  // namespace
}  // namespace unnamed_in_header

namespace lambda_in_header {
static const auto kMake = [](int n) __attribute__((noinline)) { return new int(n); };
}  // namespace lambda_in_header

namespace virtual_in_header {
struct Maker {
  virtual ~Maker() = default;
  virtual int* Make(int n) { return new int(n); }
};
}  // namespace virtual_in_header

namespace thrown_in_header {
struct TooLarge {};
[[gnu::noinline]] static void RefuseLarge(int n) {
  if (n > 10) throw TooLarge();
}
}  // namespace thrown_in_header

#endif  // HEAPWISE_BENCHMARKS_RUNNER_TESTDATA_ESCAPES_LOCAL_H_
