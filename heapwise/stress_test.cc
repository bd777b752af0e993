// Four threads that allocate, pool, attach finalizers, cleanups and weak pointers, change settings, collect and fork, all
// at once.
// HEAPWISE_STRESS_SECONDS sets how long (default 2).

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/cleanup.h"
#include "heapwise/debug.h"
#include "heapwise/finalizer.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/pool.h"
#include "heapwise/weak.h"
#include "testing/sanitizers.h"

namespace heapwise {
namespace {

struct Node {
  Node* left;
  Node* right;
  uint64_t check;
};

constexpr uint64_t kCheck = 0x9e3779b97f4a7c15;

Node* Build(int depth) {
  return depth < 0 ? nullptr
                   : runtime::New<Node>(Build(depth - 1), Build(depth - 1), kCheck + depth);
}

bool Intact(const Node* tree, int depth) {
  if (depth < 0) return tree == nullptr;
  return tree != nullptr && tree->check == kCheck + depth && Intact(tree->left, depth - 1) &&
         Intact(tree->right, depth - 1);
}

struct Buffer {
  std::span<uint32_t> words;
  std::atomic<int> users{0};
};

std::atomic<int> broken{0};

// Forks a child that does some of everything.
bool ChildIsWell() {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    runtime::SetFinalizer(Build(2), [](Node*) {});
    runtime::AddCleanup(
        Build(2), [](int) {}, 1);
    bool well = Intact(Build(10), 10);
    runtime::GC();
    Node* const tree = Build(3);
    well = well && runtime::Weak<Node>(tree).Get() == tree && Intact(tree, 3);
    _exit(well ? 0 : 1);
  }
  int status = -1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0;
}

TEST(StressTest, FourThreadsDoEverythingAtOnce) {
  const char* wanted = std::getenv("HEAPWISE_STRESS_SECONDS");
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(wanted == nullptr ? 2 : std::atoi(wanted));
  sync::Pool<Buffer> pool([] {
    Buffer* buffer = runtime::New<Buffer>();
    buffer->words = runtime::MakeSlice<uint32_t>(500);
    return buffer;
  });
  std::atomic<uint64_t> rounds{0};
  const auto work = [&](unsigned seed) {
    runtime::ThreadScope scope;
    std::mt19937 random(seed);
    Node* kept = Build(10);
    while (std::chrono::steady_clock::now() < end) {
      switch (random() % 20) {
        case 0:
          debug::SetGCPercent(static_cast<int>(random() % 300));
          break;
        case 1:
          debug::SetMemoryLimit(random() % 2 == 0 ? std::numeric_limits<int64_t>::max()
                                                  : static_cast<int64_t>(random() % (64u << 20)));
          break;
        case 2:
          if (random() % 8 == 0) runtime::GC();
          break;
        case 3:
          if (random() % 32 == 0) debug::FreeOSMemory();
          break;
        case 4: {
          runtime::MemStats m;
          runtime::ReadMemStats(&m);
          broken += m.Sys != m.HeapSys + m.GCSys || m.HeapSys != m.HeapIdle + m.HeapInuse ||
                    m.HeapObjects != m.Mallocs - m.Frees;
          break;
        }
        case 5:
          std::thread([&] {
            runtime::ThreadScope short_lived;
            broken += !Intact(Build(6), 6);
            if (Buffer* buffer = pool.Get()) pool.Put(buffer);
          }).join();
          break;
        case 6:
          kept = Build(10);
          break;
        case 7:
          runtime::MakeSlice<Node*>(random() % 200000);
          break;
        case 8:
          runtime::CollectionLog::Since(runtime::CollectionLog::Next() / 2);
          break;
        case 9:
          for (int i = 0; i < 50; ++i) {
            Node* const tree = Build(2);
            runtime::SetFinalizer(tree, [](Node* dead) { broken += !Intact(dead, 2); });
            if (random() % 4 == 0) runtime::SetFinalizer(tree, nullptr);
          }
          break;
        case 10:
          for (int i = 0; i < 50; ++i) {
            Node* const tree = Build(2);
            const auto check = [](Node* argument) { broken += !Intact(argument, 2); };
            const runtime::Cleanup cleanup = runtime::AddCleanup(tree, check, Build(2));
            runtime::AddCleanup(&tree->check, check, Build(2));
            if (random() % 4 == 0) cleanup.Stop();
            broken += !Intact(tree, 2);
          }
          break;
        case 11: {
          Node* const tree = Build(3);
          const runtime::Weak<Node> weak(tree);
          const runtime::Weak<Node> gone(Build(3));
          broken += !Intact(Build(6), 6) || weak.Get() != tree || !Intact(tree, 3);
          if (Node* node = gone.Get()) broken += !Intact(node, 3);
          break;
        }
        case 12:
          // AddressSanitizer's malloc has locks that a fork leaves held (GCC 12).
          if (random() % 8 == 0 && !test::kAddressSanitizer) broken += !ChildIsWell();
          break;
        default:
          for (int i = 0; i < 50; ++i) {
            Buffer* buffer = pool.Get();
            ASSERT_NE(buffer, nullptr);
            broken += buffer->users.fetch_add(1) != 0;
            std::ranges::fill(buffer->words, seed);
            broken += !Intact(Build(5), 5);
            for (const uint32_t word : buffer->words) broken += word != seed;
            buffer->users.fetch_sub(1);
            pool.Put(buffer);
          }
      }
      broken += !Intact(kept, 10);
      rounds += 1;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
  for (std::thread& thread : threads) thread.join();
  debug::SetGCPercent(100);
  debug::SetMemoryLimit(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(broken.load(), 0);
  EXPECT_GT(rounds.load(), 0u);
  RecordProperty("rounds", static_cast<int>(rounds.load()));
}

}  // namespace
}  // namespace heapwise
