// Binary trees, the classic collector benchmark: one tree that lives throughout, many that die
// young.
//
// Every node is 32 bytes with two pointers. A tree of depth d has 2^(d+1) - 1 nodes, so the
// long-lived one of depth 18 holds 16 MiB, a transient one of depth 14 holds 1 MiB. Honours GOGC,
// GOMEMLIMIT and GODEBUG. The last line of its output is a JSON object.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/modes.h"

ABSL_FLAG(int, live_depth, 18, "depth of the tree that lives throughout; negative for none");
ABSL_FLAG(int, trees, 1000, "transient trees, shared out among the threads");
ABSL_FLAG(int, tree_depth, 14, "depth of a transient tree");
ABSL_FLAG(int, threads, 1, "threads that build transient trees");
ABSL_FLAG(bool, incremental, false, "collect incrementally, with stops of about --pause_target_ms");
ABSL_FLAG(int, pause_target_ms, 5,
          "longest stop that incremental collection aims at, in milliseconds");

namespace {

using heapwise::runtime::HeapCounters;
using heapwise::runtime::New;
using heapwise::runtime::ReadHeapCounters;

struct Node {
  Node* left;
  Node* right;
  int64_t payload[2];
};
static_assert(sizeof(Node) == 32);

Node* Build(int depth) {
  if (depth < 0) return nullptr;
  return New<Node>(depth == 0 ? nullptr : Build(depth - 1),
                   depth == 0 ? nullptr : Build(depth - 1));
}

uint64_t Count(const Node* tree) {
  return tree == nullptr ? 0 : 1 + Count(tree->left) + Count(tree->right);
}

// In a frame of its own, so that no pointer to the tree outlives the call on the stack.
[[gnu::noinline]] uint64_t BuildAndCount(int depth) { return Count(Build(depth)); }

std::atomic<uint64_t> peak_mapped{0};

// Memory taken from the system and not given back, looked at after every tree.
void NotePeakMapped() {
  const uint64_t mapped = ReadHeapCounters().sys_minus_released;
  uint64_t seen = peak_mapped.load();
  while (seen < mapped && !peak_mapped.compare_exchange_weak(seen, mapped)) {
  }
}

void BuildTransientTrees(int trees, int depth) {
  const uint64_t expected = (uint64_t{2} << depth) - 1;
  for (int i = 0; i < trees; ++i) {
    if (BuildAndCount(depth) != expected) {
      std::fprintf(stderr, "binary_trees: a transient tree of depth %d lost nodes\n", depth);
      std::exit(1);
    }
    NotePeakMapped();
  }
}

int CheckedFlag(const absl::Flag<int>& flag, const char* name, int low, int high) {
  const int value = absl::GetFlag(flag);
  if (value < low || value > high) {
    std::fprintf(stderr, "binary_trees: --%s must be from %d to %d, not %d\n", name, low, high,
                 value);
    std::exit(2);
  }
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "Builds binary trees on the garbage-collected heap and reports what that took.");
  absl::ParseCommandLine(argc, argv);
  const int live_depth = CheckedFlag(FLAGS_live_depth, "live_depth", -1, 28);
  const int trees = CheckedFlag(FLAGS_trees, "trees", 0, 1'000'000'000);
  const int tree_depth = CheckedFlag(FLAGS_tree_depth, "tree_depth", 0, 28);
  const int threads = CheckedFlag(FLAGS_threads, "threads", 1, 256);
  const int pause_target_ms = CheckedFlag(FLAGS_pause_target_ms, "pause_target_ms", 1, 10'000);
  if (absl::GetFlag(FLAGS_incremental)) {
    heapwise::runtime::EnableIncremental(std::chrono::milliseconds(pause_target_ms));
  }

  const auto began = std::chrono::steady_clock::now();
  Node* const live = Build(live_depth);
  NotePeakMapped();
  std::vector<std::thread> workers;
  for (int i = 1; i < threads; ++i) {
    workers.emplace_back([=] {
      heapwise::runtime::ThreadScope scope;
      BuildTransientTrees(trees / threads, tree_depth);
    });
  }
  BuildTransientTrees(trees - (threads - 1) * (trees / threads), tree_depth);
  for (std::thread& worker : workers) worker.join();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;

  if (live_depth >= 0 && Count(live) != (uint64_t{2} << live_depth) - 1) {
    std::fprintf(stderr, "binary_trees: the tree that lives throughout lost nodes\n");
    return 1;
  }
  const HeapCounters heap = ReadHeapCounters();
  std::printf(
      "{\"wall_s\": %.4f, \"num_gc\": %llu, \"pause_total_ms\": %.3f, \"max_pause_ms\": %.3f, "
      "\"peak_heap_bytes\": %llu, \"peak_sys_minus_released_bytes\": %llu, \"gc_cpu_fraction\": "
      "%.4f, "
      "\"limiter_on\": %s, \"mode\": \"%s\", \"markers\": %d}\n",
      wall.count(), static_cast<unsigned long long>(heap.num_gc),
      static_cast<double>(heap.pause_total_ns) / 1e6, static_cast<double>(heap.max_pause_ns) / 1e6,
      static_cast<unsigned long long>(heap.peak_heap),
      static_cast<unsigned long long>(peak_mapped.load()), heap.gc_cpu_fraction,
      heap.limited > 0 ? "true" : "false", heap.mode, heap.markers);
  return 0;
}
