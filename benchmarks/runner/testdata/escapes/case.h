// What the cases share: each is a namespace with a function Run. The test holds the escape report of a case's
// namespace against what Run allocates (count.cc).
#ifndef HEAPWISE_BENCHMARKS_RUNNER_TESTDATA_ESCAPES_CASE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_TESTDATA_ESCAPES_CASE_H_

struct Case {
  const char* name;
  void (*run)();
};

// The compiler cannot see what these do.
void Keep(const void* address) noexcept;
void Use(long value) noexcept;
int UnknownNumber() noexcept;        // 100
const char* UnknownText() noexcept;  // "short"

// Calls of operator new by this thread.
unsigned long NewsSoFar() noexcept;

#endif  // HEAPWISE_BENCHMARKS_RUNNER_TESTDATA_ESCAPES_CASE_H_
