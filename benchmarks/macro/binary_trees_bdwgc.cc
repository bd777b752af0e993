// Binary trees on bdwgc alone, as it comes: GC_INIT, GC_MALLOC and nothing set. What binary_trees.cc
// is compared with, with the same flags and the same JSON object on the last line of output.
//
// bdwgc knows no GOGC, GOMEMLIMIT or GODEBUG. It counts no live bytes either, so peak_heap_bytes is
// the most that its blocks in use held when a collection began or the program ended; free objects
// inside those blocks are counted with it.

#include <algorithm>
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
#include "heapwise/base/bdwgc.h"

ABSL_FLAG(int, live_depth, 18, "depth of the tree that lives throughout; negative for none");
ABSL_FLAG(int, trees, 1000, "transient trees, shared out among the threads");
ABSL_FLAG(int, tree_depth, 14, "depth of a transient tree");
ABSL_FLAG(int, threads, 1, "threads that build transient trees");

namespace {

using Clock = std::chrono::steady_clock;

struct Node {
  Node* left;
  Node* right;
  int64_t payload[2];
};
static_assert(sizeof(Node) == 32);

// Written by the collector's callback, which holds its lock; read when all threads have ended.
struct Watched {
  Clock::time_point collection_began;
  Clock::time_point stop_began;
  Clock::duration collecting{};
  Clock::duration paused{};
  Clock::duration longest_pause{};
  uint64_t peak_heap = 0;
};
Watched watched;

uint64_t InUse(const GC_prof_stats_s& stats) { return stats.heapsize_full - stats.free_bytes_full; }

void OnCollectionEvent(GC_EventType event) {
  switch (event) {
    case GC_EVENT_START: {
      watched.collection_began = Clock::now();
      GC_prof_stats_s stats;
      GC_get_prof_stats_unsafe(&stats, sizeof(stats));
      watched.peak_heap = std::max(watched.peak_heap, InUse(stats));
      break;
    }
    case GC_EVENT_PRE_STOP_WORLD:
      watched.stop_began = Clock::now();
      break;
    case GC_EVENT_POST_START_WORLD: {
      const Clock::duration pause = Clock::now() - watched.stop_began;
      watched.paused += pause;
      watched.longest_pause = std::max(watched.longest_pause, pause);
      break;
    }
    case GC_EVENT_END:
      watched.collecting += Clock::now() - watched.collection_began;
      break;
    default:
      break;
  }
}

Node* NewNode(Node* left, Node* right) {
  Node* const node = static_cast<Node*>(GC_MALLOC(sizeof(Node)));
  if (node == nullptr) {
    std::fprintf(stderr, "binary_trees_bdwgc: out of memory\n");
    std::exit(2);
  }
  node->left = left;
  node->right = right;
  return node;
}

Node* Build(int depth) {
  if (depth < 0) return nullptr;
  return NewNode(depth == 0 ? nullptr : Build(depth - 1), depth == 0 ? nullptr : Build(depth - 1));
}

uint64_t Count(const Node* tree) {
  return tree == nullptr ? 0 : 1 + Count(tree->left) + Count(tree->right);
}

// In a frame of its own, so that no pointer to the tree outlives the call on the stack.
[[gnu::noinline]] uint64_t BuildAndCount(int depth) { return Count(Build(depth)); }

std::atomic<uint64_t> peak_mapped{0};

// Memory taken from the system and not given back, looked at after every tree.
void NotePeakMapped() {
  GC_prof_stats_s stats;
  GC_get_prof_stats(&stats, sizeof(stats));
  const uint64_t mapped = stats.obtained_from_os_bytes - stats.unmapped_bytes;
  uint64_t seen = peak_mapped.load();
  while (seen < mapped && !peak_mapped.compare_exchange_weak(seen, mapped)) {
  }
}

void BuildTransientTrees(int trees, int depth) {
  const uint64_t expected = (uint64_t{2} << depth) - 1;
  for (int i = 0; i < trees; ++i) {
    if (BuildAndCount(depth) != expected) {
      std::fprintf(stderr, "binary_trees_bdwgc: a transient tree of depth %d lost nodes\n", depth);
      std::exit(1);
    }
    NotePeakMapped();
  }
}

int CheckedFlag(const absl::Flag<int>& flag, const char* name, int low, int high) {
  const int value = absl::GetFlag(flag);
  if (value < low || value > high) {
    std::fprintf(stderr, "binary_trees_bdwgc: --%s must be from %d to %d, not %d\n", name, low,
                 high, value);
    std::exit(2);
  }
  return value;
}

double Milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Builds binary trees with GC_MALLOC and reports what that took.");
  absl::ParseCommandLine(argc, argv);
  const int live_depth = CheckedFlag(FLAGS_live_depth, "live_depth", -1, 28);
  const int trees = CheckedFlag(FLAGS_trees, "trees", 0, 1'000'000'000);
  const int tree_depth = CheckedFlag(FLAGS_tree_depth, "tree_depth", 0, 28);
  const int threads = CheckedFlag(FLAGS_threads, "threads", 1, 256);
  GC_INIT();
  GC_set_on_collection_event(OnCollectionEvent);
  const GC_word collections_before = GC_get_gc_no();  // GC_INIT counts as one
  // Registering threads starts the marking threads, so a program of one thread does not ask for it.
  if (threads > 1) GC_allow_register_threads();

  const auto began = Clock::now();
  Node* const live = Build(live_depth);
  NotePeakMapped();
  std::vector<std::thread> workers;
  for (int i = 1; i < threads; ++i) {
    workers.emplace_back([=] {
      GC_stack_base base;
      GC_get_stack_base(&base);
      GC_register_my_thread(&base);
      BuildTransientTrees(trees / threads, tree_depth);
      GC_unregister_my_thread();
    });
  }
  BuildTransientTrees(trees - (threads - 1) * (trees / threads), tree_depth);
  for (std::thread& worker : workers) worker.join();
  const std::chrono::duration<double> wall = Clock::now() - began;

  if (live_depth >= 0 && Count(live) != (uint64_t{2} << live_depth) - 1) {
    std::fprintf(stderr, "binary_trees_bdwgc: the tree that lives throughout lost nodes\n");
    return 1;
  }
  GC_prof_stats_s stats;
  GC_get_prof_stats(&stats, sizeof(stats));
  const int markers = GC_get_parallel() + 1;
  const double processors = std::max(1U, std::thread::hardware_concurrency());
  // While the world stands still all markers work; the rest of a collection is one thread's.
  const double gc_cpu_ms =
      Milliseconds(watched.collecting) + (markers - 1) * Milliseconds(watched.paused);
  std::printf(
      "{\"wall_s\": %.4f, \"num_gc\": %llu, \"pause_total_ms\": %.3f, \"max_pause_ms\": %.3f, "
      "\"peak_heap_bytes\": %llu, \"peak_sys_minus_released_bytes\": %llu, \"gc_cpu_fraction\": "
      "%.4f, "
      "\"limiter_on\": false, \"mode\": \"%s\", \"markers\": %d}\n",
      wall.count(), static_cast<unsigned long long>(GC_get_gc_no() - collections_before),
      Milliseconds(watched.paused), Milliseconds(watched.longest_pause),
      static_cast<unsigned long long>(std::max(watched.peak_heap, InUse(stats))),
      static_cast<unsigned long long>(peak_mapped.load()),
      gc_cpu_ms / 1000 / (wall.count() * processors), markers > 1 ? "parallel" : "stop-the-world",
      markers);
  return 0;
}
