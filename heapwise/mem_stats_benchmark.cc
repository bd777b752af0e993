// What the statistics cost: ReadMemStats, which stops the world, beside the counters that stop nothing, by the size of
// the live heap and by the number of other threads; and after each collection the survivors, counted block by block and,
// beside that, object by object.
//
//   build/bin/mem_stats_benchmark

#include <benchmark/benchmark.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "heapwise/base/bdwgc.h"
#include "heapwise/gc/survivors.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

namespace {

using heapwise::runtime::New;
using heapwise::runtime::internal::AllocLock;
using heapwise::runtime::internal::CountSurvivors;
using heapwise::runtime::internal::EnumerateSurvivors;

struct Node {
  Node* next;
  int64_t payload[3];
};
static_assert(sizeof(Node) == 32);

// Static data: a root, so that the list lives.
Node* live = nullptr;

[[gnu::noinline]] void KeepLive(int64_t mebibytes) {
  live = nullptr;
  for (int64_t i = 0; i < (mebibytes << 20) / static_cast<int64_t>(sizeof(Node)); ++i) {
    live = New<Node>(live);
  }
  heapwise::runtime::GC();
}

// Threads that the collector knows and that wait until they are let go.
class IdleThreads {
 public:
  explicit IdleThreads(int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      threads_.emplace_back([this] {
        heapwise::runtime::ThreadScope scope;
        std::unique_lock lock(mutex_);
        ++ready_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return leave_; });
      });
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ready_ == n; });
  }

  ~IdleThreads() {
    {
      std::lock_guard lock(mutex_);
      leave_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t ready_ = 0;
  bool leave_ = false;
  std::vector<std::thread> threads_;
};

void FullStatistics(benchmark::State& state) {
  KeepLive(state.range(0));
  IdleThreads threads(state.range(1));
  heapwise::runtime::MemStats stats;
  for ([[maybe_unused]] auto _ : state) {
    heapwise::runtime::ReadMemStats(&stats);
    benchmark::DoNotOptimize(stats);
  }
}

void CheapCounters(benchmark::State& state) {
  KeepLive(state.range(0));
  IdleThreads threads(state.range(1));
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(heapwise::runtime::ReadHeapCounters());
  }
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"live_mib", "other_threads"});
  for (const int64_t threads : {0, 1, 4}) {
    for (const int64_t mebibytes : {1, 16, 64, 256}) benchmark->Args({mebibytes, threads});
  }
}

void CountByTheBlock(benchmark::State& state) {
  KeepLive(state.range(0));
  const AllocLock lock;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(CountSurvivors());
}

void CountByTheObject(benchmark::State& state) {
  KeepLive(state.range(0));
  const AllocLock lock;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(EnumerateSurvivors());
}

BENCHMARK(CountByTheBlock)->ArgName("live_mib")->Arg(1)->Arg(16)->Arg(64)->Arg(256);
BENCHMARK(CountByTheObject)->ArgName("live_mib")->Arg(1)->Arg(16)->Arg(64)->Arg(256);
BENCHMARK(FullStatistics)->Apply(Sizes);
BENCHMARK(CheapCounters)->Apply(Sizes);

}  // namespace

BENCHMARK_MAIN();
