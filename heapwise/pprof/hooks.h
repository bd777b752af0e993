#ifndef HEAPWISE_PPROF_HOOKS_H_
#define HEAPWISE_PPROF_HOOKS_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

// Where the profiler is tied into the program: it starts before main, takes the samples that the allocators come to, hears
// of deletes, of collections and of forks, and publishes. It knows nothing of symbols or formats.
//
// Threads: one mutex guards the tables, the last in the order of locks (gc/LOCKS.md). It is not taken with the world
// stopped.
namespace heapwise::pprof::internal {

// What is published of one stack, size and interval. Stacks are never freed.
struct Row {
  const uintptr_t* stack;  // return addresses, innermost first
  size_t depth;
  size_t bytes_each;
  int64_t interval;  // the rate at which they were sampled
  uint64_t allocs;
  uint64_t frees;
};

struct Rows {
  struct Free {
    void operator()(Row* freed) const { std::free(freed); }
  };
  std::unique_ptr<Row[], Free> rows;
  size_t count = 0;
};

// Publishes everything first if nothing has been published yet. Any thread.
Rows PublishedRows();

// While it lives the calling thread's allocations are not sampled. Nests.
class Unsampled {
 public:
  Unsampled();
  ~Unsampled();
  Unsampled(const Unsampled&) = delete;
  Unsampled& operator=(const Unsampled&) = delete;

 private:
  bool before_;
};

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_HOOKS_H_
