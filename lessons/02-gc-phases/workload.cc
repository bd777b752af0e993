#include "lessons/02-gc-phases/workload.h"

#include <random>

#include "heapwise/heap.h"

namespace runtime = heapwise::runtime;

namespace {

struct Node {
  Node* left;
  Node* right;
  int64_t key;
  int64_t visits;
};
static_assert(sizeof(Node) == kEntryBytes);

// A static variable is a root: the collector scans it, so what it reaches lives on.
Node* catalogue = nullptr;

std::mt19937_64 random_bits;

Node* BuildTree(int64_t nodes) {
  if (nodes == 0) return nullptr;
  Node* node = runtime::New<Node>();
  node->left = BuildTree((nodes - 1) / 2);
  node->right = BuildTree(nodes - 1 - (nodes - 1) / 2);
  return node;
}

CatalogueCount Count(const Node* node) {
  if (node == nullptr) return {.entries = 0, .visits = 0};
  const CatalogueCount left = Count(node->left);
  const CatalogueCount right = Count(node->right);
  return {.entries = 1 + left.entries + right.entries,
          .visits = node->visits + left.visits + right.visits};
}

// Goes from the root to a leaf, left or right as the dice fall.
void VisitAnyEntry() {
  Node* node = catalogue;
  for (uint64_t turns = random_bits(); node->left != nullptr; turns >>= 1) {
    node = turns % 2 == 0 ? node->left : node->right;
  }
  ++node->visits;
}

}  // namespace

void LoadCatalogue(int mib) {
  DropCatalogue();
  catalogue = BuildTree(mib * kEntriesPerMib - 1);
}

void DropCatalogue() { catalogue = nullptr; }

CatalogueCount CountCatalogue() { return Count(catalogue); }

int64_t HandleRequest() { return Count(BuildTree(kRequestNodes)).entries; }

int64_t HandleVisitingRequest() {
  for (int i = 0; i < kVisitsPerRequest; ++i) VisitAnyEntry();
  return HandleRequest();
}
