// What a Root costs: to make, copy and move one, by how many others there are; what a collection takes longer for as many;
// and to take and give back scanned memory.
//
//   build/bin/root_benchmark

#include <benchmark/benchmark.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "heapwise/heap.h"
#include "heapwise/root.h"
#include "heapwise/scanned.h"

namespace {

using heapwise::runtime::Root;

struct Node {
  Node* next;
  int64_t value;
};

// Makes and destroys as many as the argument says.
void MakeAndDestroy(benchmark::State& state) {
  Node* const node = heapwise::runtime::New<Node>();
  const auto n = static_cast<size_t>(state.range(0));
  std::vector<Root<Node>> roots(n);
  for ([[maybe_unused]] auto _ : state) {
    for (Root<Node>& root : roots) root = Root(node);
    for (Root<Node>& root : roots) root = {};
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Copy(benchmark::State& state) {
  const Root root(heapwise::runtime::New<Node>());
  for ([[maybe_unused]] auto _ : state) {
    Root copy = root;
    benchmark::DoNotOptimize(copy);
  }
}

void Move(benchmark::State& state) {
  Root root(heapwise::runtime::New<Node>());
  for ([[maybe_unused]] auto _ : state) {
    Root moved = std::move(root);
    benchmark::DoNotOptimize(moved);
    root = std::move(moved);
  }
}

void Collect(benchmark::State& state) {
  Node* const node = heapwise::runtime::New<Node>();
  const std::vector<Root<Node>> roots(static_cast<size_t>(state.range(0)), Root(node));
  for ([[maybe_unused]] auto _ : state) heapwise::runtime::GC();
}

void Scanned(benchmark::State& state) {
  const auto bytes = static_cast<size_t>(state.range(0));
  heapwise::runtime::Init();
  for ([[maybe_unused]] auto _ : state) {
    heapwise::runtime::FreeScanned(heapwise::runtime::AllocateScanned(bytes));
  }
}

BENCHMARK(MakeAndDestroy)->RangeMultiplier(10)->Range(1000, 1'000'000);
BENCHMARK(Copy);
BENCHMARK(Move);
BENCHMARK(Collect)->RangeMultiplier(10)->Range(1, 1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(Scanned)->Arg(64)->Arg(1024);

}  // namespace

BENCHMARK_MAIN();
