// What sampling costs an allocation-bound loop: New<32 bytes> and a new/delete pair, with the
// sampler off, at the default rate, and with every allocation sampled.

#include <benchmark/benchmark.h>

#include "runtime/heap.h"
#include "runtime/pprof/profile.h"

namespace heapwise::pprof {
namespace {

struct Node {
  Node* left;
  Node* right;
  int64_t payload[2];
};

class Rate {
 public:
  explicit Rate(int64_t bytes) : before_(SetMemProfileRate(bytes)) {}
  ~Rate() { SetMemProfileRate(before_); }

 private:
  int64_t before_;
};

void BM_New32(benchmark::State& state) {
  runtime::GC();
  Rate rate(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(runtime::New<Node>());
}

void BM_NewDelete32(benchmark::State& state) {
  runtime::GC();
  Rate rate(state.range(0));
  for (auto _ : state) {
    Node* node = new Node;
    benchmark::DoNotOptimize(node);
    delete node;
  }
}

void Rates(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("rate")->Arg(0)->Arg(512 << 10)->Arg(1);
}
BENCHMARK(BM_New32)->Apply(Rates);
BENCHMARK(BM_NewDelete32)->Apply(Rates);

}  // namespace
}  // namespace heapwise::pprof

BENCHMARK_MAIN();
