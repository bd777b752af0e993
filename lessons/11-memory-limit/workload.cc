#include "lessons/11-memory-limit/workload.h"

#include <algorithm>

#include "heapwise/debug.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

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
static_assert((kCatalogueNodes + 1) * sizeof(Node) == kLiveBytes);

// A static variable is a root: the collector scans it, so what it reaches lives on.
Node* catalogue = nullptr;

int64_t requests = 0;
int64_t peak_memory = 0;

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

int64_t Memory() { return static_cast<int64_t>(runtime::ReadHeapCounters().sys_minus_released); }

}  // namespace

void LoadCatalogue() {
  catalogue = nullptr;
  catalogue = BuildTree(kCatalogueDepth);
  peak_memory = Memory();
}

void DropCatalogue() {
  catalogue = nullptr;
  heapwise::debug::FreeOSMemory();
}

int64_t CountCatalogue() { return CountNodes(catalogue); }

int64_t HandleRequest() {
  const int64_t nodes = CountNodes(BuildTree(kRequestDepth));
  if (++requests % 8 == 0) peak_memory = std::max(peak_memory, Memory());
  return nodes;
}

int64_t PeakMemory() { return peak_memory; }
