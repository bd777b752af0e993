// One solution of the exercise. What the calls kept on the stack is kept in a vector, on the heap.
#include <algorithm>

#include "lessons/03-stack-vs-heap/lesson.h"

namespace exercise {
namespace {

struct Visit {
  const Node* node;
  int64_t depth;  // the number of nodes from the root to this one
};

}  // namespace

int64_t Height(const Node* root) {
  int64_t height = 0;
  std::vector<Visit> to_visit = {{root, 1}};
  while (!to_visit.empty()) {
    const auto [node, depth] = to_visit.back();
    to_visit.pop_back();
    if (node == nullptr) continue;
    height = std::max(height, depth);
    to_visit.push_back({node->left, depth + 1});
    to_visit.push_back({node->right, depth + 1});
  }
  return height;
}

}  // namespace exercise
