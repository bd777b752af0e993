// A program that ends in an unusual way: `ending WAY`. Its last line on standard output is still buffered then.
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <thread>

#include "heapwise/finalizer.h"
#include "heapwise/heap.h"
#include "heapwise/weak.h"

namespace runtime = heapwise::runtime;

namespace {

struct Node {
  Node* next;
};

Node global_node;

// Its destructor uses the heap, in whichever thread it runs.
struct AtExit {
  ~AtExit() {
    if (!wanted) return;
    for (int i = 0; i < 100'000; ++i) runtime::New<Node>();
    runtime::GC();
    std::puts("static objects are destroyed");
  }
  bool wanted = false;
} at_exit;

// The main thread leaves; another one, which goes on to allocate and collect, ends by itself.
void MainLeaves() {
  std::thread([] {
    const runtime::ThreadScope scope;
    usleep(100'000);
    for (int i = 0; i < 5; ++i) {
      Node* list = nullptr;
      for (int k = 0; k < 100'000; ++k) list = runtime::New<Node>(list);
      runtime::GC();
    }
    std::puts("the thread has ended");
  }).detach();
  runtime::New<Node>();
  at_exit.wanted = true;
  pthread_exit(nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  const char* const way = argc > 1 ? argv[1] : "";
  std::puts("results so far: 42");
  if (std::strcmp(way, "main-leaves") == 0) MainLeaves();
  if (std::strcmp(way, "out-of-memory") == 0) runtime::MakeSlice<char>(size_t{1} << 50);
  if (std::strcmp(way, "no-scope") == 0) std::thread([] { runtime::New<Node>(); }).join();
  if (std::strcmp(way, "finalizer-throws") == 0) {
    for (int i = 0; i < 10; ++i)
      runtime::SetFinalizer(runtime::New<Node>(), [](Node*) { throw 1; });
    while (true) runtime::GC();
  }
  if (std::strcmp(way, "not-in-heap") == 0) runtime::Weak<Node>{&global_node};
  if (std::strcmp(way, "stdout-held") == 0) {
    std::thread([] {
      flockfile(stdout);
      while (true) pause();
    }).detach();
    usleep(10'000);
    runtime::Weak<Node>{&global_node};
  }
}
