// What finalizers, cleanups and weak pointers cost: to attach one to a new object, beside the new object alone, and by
// how much a collection takes longer for so many objects that have one.
//
//   build/bin/specials_benchmark

#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "heapwise/cleanup.h"
#include "heapwise/finalizer.h"
#include "heapwise/heap.h"
#include "heapwise/weak.h"

namespace {

using heapwise::runtime::Weak;

struct Node {
  Node* next;
  int64_t value;
};

// Each returns an object with what its name says.
Node* Nothing() { return heapwise::runtime::New<Node>(); }

Node* Finalizer() {
  Node* const node = Nothing();
  heapwise::runtime::SetFinalizer(node, [](Node*) {});
  return node;
}

Node* Cleanup() {
  Node* const node = Nothing();
  heapwise::runtime::AddCleanup(
      node, [](int) {}, 0);
  return node;
}

std::vector<Weak<Node>> weak_nodes;

Node* WeakPointer() {
  Node* const node = Nothing();
  weak_nodes.emplace_back(node);
  return node;
}

// What was attached before is off when its objects are dead and what was due has run.
void Drop() {
  weak_nodes.clear();
  for (int i = 0; i < 3; ++i) heapwise::runtime::GC();
}

template <Node* (*make)()>
void Attach(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(make());
  Drop();
}

// Static data: a root, so that the list lives.
Node* live = nullptr;

template <Node* (*make)()>
void Collect(benchmark::State& state) {
  for (int64_t i = 0; i < state.range(0); ++i) {
    Node* const node = make();
    node->next = live;
    live = node;
  }
  for ([[maybe_unused]] auto _ : state) heapwise::runtime::GC();
  live = nullptr;
  Drop();
}

constexpr int64_t kAttached = 1'000'000;

BENCHMARK_TEMPLATE(Attach, Nothing)->Iterations(kAttached);
BENCHMARK_TEMPLATE(Attach, Finalizer)->Iterations(kAttached);
BENCHMARK_TEMPLATE(Attach, Cleanup)->Iterations(kAttached);
BENCHMARK_TEMPLATE(Attach, WeakPointer)->Iterations(kAttached);
BENCHMARK_TEMPLATE(Collect, Nothing)->Arg(kAttached)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(Collect, Finalizer)->Arg(kAttached)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(Collect, Cleanup)->Arg(kAttached)->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(Collect, WeakPointer)->Arg(kAttached)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
