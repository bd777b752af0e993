#include "runtime/weak.h"

#include <vector>

#include "gtest/gtest.h"
#include "runtime/finalizer.h"
#include "runtime/heap.h"

namespace heapwise::runtime {
namespace {

struct Node {
  Node* next;
  int64_t value;
};

TEST(WeakTest, AnEmptyOneIsNull) { EXPECT_EQ(Weak<Node>().Get(), nullptr); }

TEST(WeakTest, FollowsItsObjectWhileSomethingElseHoldsIt) {
  Node* node = New<Node>(nullptr, 3);
  const Weak<Node> weak(node);
  const Weak<Node> copy = weak;
  GC();
  EXPECT_EQ(weak.Get(), node);
  EXPECT_EQ(copy.Get()->value, 3);
}

[[gnu::noinline]] void Drop(std::vector<Weak<Node>>& weak, int n) {
  for (int i = 0; i < n; ++i) weak.emplace_back(New<Node>(nullptr, i));
}

TEST(WeakTest, DoesNotRetain) {
  std::vector<Weak<Node>> weak;
  Drop(weak, 1000);
  GC();
  size_t alive = 0;
  for (const Weak<Node>& w : weak) alive += w.Get() != nullptr;
  EXPECT_LT(alive, 10u);
  weak.clear();
  GC();
}

TEST(WeakTest, WhatItGivesOutIsRetained) {
  std::vector<Weak<Node>> weak;
  Node* node = New<Node>(nullptr, 5);
  weak.emplace_back(node);
  node = weak[0].Get();
  GC();
  EXPECT_EQ(weak[0].Get(), node);
  EXPECT_EQ(node->value, 5);
}

int finalized = 0;

[[gnu::noinline]] void DropWithFinalizer(int n) {
  for (int i = 0; i < n; ++i) {
    // A finalizer may allocate.
    SetFinalizer<Node>(New<Node>(nullptr, i),
                       [](Node* node) { finalized += New<Node>(node, 1)->value; });
  }
}

TEST(FinalizerTest, RunsOnceForWhatIsUnreachable) {
  Node* kept = New<Node>();
  SetFinalizer<Node>(kept, [](Node*) { finalized += 1000000; });
  finalized = 0;
  DropWithFinalizer(1000);
  for (int i = 0; i < 5; ++i) GC();
  EXPECT_GT(finalized, 990);
  EXPECT_LE(finalized, 1000);
  EXPECT_EQ(kept->value, 0);
  SetFinalizer<Node>(kept, nullptr);
}

}  // namespace
}  // namespace heapwise::runtime
