// Runs each case once and prints "NAME COUNT": how often it called operator new, the collected heap, or
// malloc. The global object's case, which ran before
// main, comes first.
#include <cstddef>
#include <cstdio>

#include "benchmarks/harness/alloc_counter.h"
#include "benchmarks/runner/testdata/escapes/case.h"

void Keep(const void*) noexcept {}
void Use(long) noexcept {}
int UnknownNumber() noexcept { return 100; }
const char* UnknownText() noexcept { return "short"; }
unsigned long NewsSoFar() noexcept { return heapwise::bench::ThreadAllocations().new_allocs; }

extern unsigned long global_news;
extern const Case kLanguageCases[];
extern const Case kLibraryCases[];
extern const Case kCollectedCases[];
extern const Case kLocalCases[];

// Exceptions come from malloc. The counted operator new calls it too: what matters is none or some.
extern "C" void* __libc_malloc(size_t bytes);
extern "C" void* __libc_calloc(size_t count, size_t bytes);
static constinit thread_local unsigned long mallocs = 0;
extern "C" void* malloc(size_t bytes) noexcept {
  mallocs = mallocs + 1;
  return __libc_malloc(bytes);
}
extern "C" void* calloc(size_t count, size_t bytes) noexcept {
  mallocs = mallocs + 1;
  return __libc_calloc(count, bytes);
}

int main() {
  std::printf("static_initialisation %lu\n", global_news);
  for (const Case* cases : {kLanguageCases, kLibraryCases, kCollectedCases, kLocalCases}) {
    for (; cases->run != nullptr; ++cases) {
      const unsigned long mallocs_before = mallocs;
      const auto made = heapwise::bench::CountAllocations(cases->run);
      const unsigned long count = made.allocs() + (mallocs - mallocs_before);
      std::printf("%s %lu\n", cases->name, count);
    }
  }
}
