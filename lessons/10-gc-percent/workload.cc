#include "lessons/10-gc-percent/workload.h"

#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"

namespace runtime = heapwise::runtime;

namespace {

constexpr int kCatalogueDepth = 18;
constexpr int kRequestDepth = 8;

struct Node {
  Node* left;
  Node* right;
  int64_t key;
  int64_t value;
};

// A static variable is a root: the collector scans it, so what it reaches lives on.
Node* catalogue = nullptr;

Node* BuildTree(int depth) {
  Node* node = runtime::New<Node>();
  if (depth > 0) {
    node->left = BuildTree(depth - 1);
    node->right = BuildTree(depth - 1);
  }
  return node;
}

int64_t CountNodes(const Node* node) {
  return node == nullptr ? 0 : 1 + CountNodes(node->left) + CountNodes(node->right);
}

}  // namespace

void LoadCatalogue() {
  DropCatalogue();
  catalogue = BuildTree(kCatalogueDepth);
}

void DropCatalogue() { catalogue = nullptr; }

int64_t CountCatalogue() { return CountNodes(catalogue); }

LiveHeap CollectAndMeasure() {
  runtime::GC();
  const runtime::Collection last =
      runtime::CollectionLog::Since(runtime::CollectionLog::Next() - 1).collections.front();
  return {.live_bytes = last.heap_after_bytes, .root_bytes = last.stack_bytes + last.globals_bytes};
}

int64_t HandleRequest() { return CountNodes(BuildTree(kRequestDepth)); }
