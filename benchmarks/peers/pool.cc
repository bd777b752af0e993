// Nanoseconds per Get and Put of a 1 KiB buffer: our Pool, a free list under a mutex, and a fresh
// buffer each time, by one thread and by two. The wall time is divided by the pairs of all threads.

#include "heapwise/pool.h"

#include <mutex>
#include <string>
#include <vector>

#include "benchmarks/peers/one_object.h"
#include "benchmarks/peers/pool_buffer.h"
#include "heapwise/heap.h"

namespace {

using heapwise::peers::Buffer;

class MutexFreeList {
 public:
  Buffer* Get() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!free_.empty()) {
        Buffer* const buffer = free_.back();
        free_.pop_back();
        return buffer;
      }
    }
    return new Buffer();
  }
  void Put(Buffer* buffer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    free_.push_back(buffer);
  }

 private:
  std::mutex mutex_;
  std::vector<Buffer*> free_;
};

// Registers `name`/1 and `name`/2, by threads. body() uses one buffer.
template <class Body>
void Register(const std::string& name, Body body) {
  for (const int threads : {1, 2}) {
    benchmark::RegisterBenchmark((name + "/" + std::to_string(threads)).c_str(),
                                 [body](benchmark::State& state) {
                                   const heapwise::runtime::ThreadScope scope;
                                   for (auto _ : state) body();
                                 })
        ->Threads(threads)
        ->UseRealTime();
  }
}

}  // namespace

int main(int argc, char** argv) {
  static auto* const pool =
      new heapwise::sync::Pool<Buffer>([] { return heapwise::runtime::New<Buffer>(); });
  static auto* const list = new MutexFreeList();
  Register("ours_pool", [] {
    Buffer* const buffer = pool->Get();
    heapwise::peers::Use(buffer);
    pool->Put(buffer);
  });
  Register("mutex_list", [] {
    Buffer* const buffer = list->Get();
    heapwise::peers::Use(buffer);
    list->Put(buffer);
  });
  Register("ours_fresh", [] { heapwise::peers::Use(heapwise::runtime::New<Buffer>()); });
  return heapwise::peers::RunAndPrintOneObject(argc, argv);
}
