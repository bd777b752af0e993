#include <span>
#include <vector>

#include "benchmarks/runner/testdata/escapes/case.h"
#include "heapwise/heap.h"

using heapwise::runtime::Allocator;
using heapwise::runtime::MakeSlice;
using heapwise::runtime::New;

struct Node {
  Node* next = nullptr;
  long value = 0;
};

namespace new_returned {
[[gnu::noinline]] Node* Make() { return New<Node>(); }
void Run() { Keep(Make()); }
}  // namespace new_returned

// A collected object that dies at once is allocated all the same.
namespace new_local {
void Run() {
  Node* node = New<Node>();
  node->value = UnknownNumber();
  Use(node->value);
}
}  // namespace new_local

namespace new_inlined {
inline Node* Make() { return New<Node>(); }
void Run() { Use(Make()->value); }
}  // namespace new_inlined

namespace new_large {
struct Page {
  char bytes[8192];
};
void Run() { Keep(New<Page>()); }
}  // namespace new_large

namespace new_aligned {
struct alignas(64) Line {
  char bytes[64];
};
void Run() { Keep(New<Line>()); }
}  // namespace new_aligned

namespace slice_constant {
void Run() { Keep(MakeSlice<int>(8).data()); }
}  // namespace slice_constant

// Small or large by its length: two calls, one allocation.
namespace slice_variable {
void Run() { Keep(MakeSlice<int>(UnknownNumber()).data()); }
}  // namespace slice_variable

namespace collected_vector {
void Run() {
  std::vector<Node*, Allocator<Node*>> nodes(UnknownNumber());
  Keep(nodes.data());
}
}  // namespace collected_vector

namespace node_on_stack {
void Run() {
  Node node;
  Keep(&node);
}
}  // namespace node_on_stack

extern const Case kCollectedCases[] = {
    {"new_returned", new_returned::Run},     {"new_local", new_local::Run},
    {"new_inlined", new_inlined::Run},       {"new_large", new_large::Run},
    {"new_aligned", new_aligned::Run},       {"slice_constant", slice_constant::Run},
    {"slice_variable", slice_variable::Run}, {"collected_vector", collected_vector::Run},
    {"node_on_stack", node_on_stack::Run},   {},
};
