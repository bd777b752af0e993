#include "lessons/15-tuning-strategies/workload.h"

#include <algorithm>
#include <array>

#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

namespace runtime = heapwise::runtime;

namespace {

constexpr int kTreeDepth = 8;

struct Node {
  Node* left;
  Node* right;
  int64_t key;
  int64_t value;
};
static_assert(kTreeNodes * sizeof(Node) == kTreeBytes);

// Static variables are roots: the collector scans them, so what they reach lives on.
std::array<Node*, kArticles> catalogue = {};
std::array<Node*, kSessions> sessions = {};

int64_t request = 0;  // of the day
int64_t peak_memory = 0;
uint64_t rush_began = 0;  // collections so far, then
uint64_t rush_ended = 0;

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

void OpenShop() {
  sessions.fill(nullptr);
  for (Node*& article : catalogue) article = BuildTree(kTreeDepth);
  request = 0;
  peak_memory = Memory();
}

void CloseShop() {
  sessions.fill(nullptr);
  catalogue.fill(nullptr);
  heapwise::debug::FreeOSMemory();
}

int64_t CountCatalogue() {
  int64_t nodes = 0;
  for (const Node* article : catalogue) nodes += CountNodes(article);
  return nodes;
}

int64_t CountSessions() {
  return kSessions - std::count(sessions.begin(), sessions.end(), nullptr);
}

int64_t HandleRequest() {
  if (request == kLogIn + kSessions) rush_began = runtime::CollectionLog::Next();
  if (request == kLogOut) {
    rush_ended = runtime::CollectionLog::Next();
    sessions.fill(nullptr);
  }
  Node* const tree = BuildTree(kTreeDepth);
  if (request >= kLogIn && request < kLogIn + kSessions) sessions[request - kLogIn] = tree;
  if (request % 4 == 0) peak_memory = std::max(peak_memory, Memory());
  request = (request + 1) % kRequests;
  return CountNodes(tree);
}

int64_t PeakMemory() { return peak_memory; }

int64_t RushCollections() { return static_cast<int64_t>(rush_ended - rush_began); }
