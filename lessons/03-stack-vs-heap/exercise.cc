// Exercise: measure the height of a tree that is deeper than the stack.
//
// As it stands, Height gives the right answer, but each level of the tree is a call on the stack. A
// tree of a million nodes in a row kills the process.
//
//   make check LESSON=03
//
// builds this file and runs the tests of the suite Exercise on it. Change only this file. Hints:
//   1. What does a call keep while the calls below it run? Which node it is at, and how deep.
//   2. Keep pairs of these in a std::vector: its memory is on the heap. Take the last pair off, look
//      at its node, put its children on, and go on until there are none left.
//   3. A child that is not there need not be put on.
#include <algorithm>

#include "lessons/03-stack-vs-heap/lesson.h"

namespace exercise {

int64_t Height(const Node* root) {
  if (root == nullptr) return 0;
  return 1 + std::max(Height(root->left), Height(root->right));
}

}  // namespace exercise
