#include "heapwise/weak.h"

#include <atomic>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/finalizer.h"
#include "heapwise/heap.h"
#include "testing/eventually.h"

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

TEST(WeakTest, OfNullIsNull) {
  const Weak<Node> weak(nullptr);
  EXPECT_EQ(weak.Get(), nullptr);
  GC();
  EXPECT_EQ(weak.Get(), nullptr);
}

TEST(WeakTest, FollowsPointersIntoTheMiddleAndOverAlignedObjects) {
  struct alignas(64) Line {
    int64_t words[8];
  };
  Node* node = New<Node>(nullptr, 3);
  Line* line = New<Line>();
  const Weak<int64_t> value(&node->value);
  const Weak<int64_t> word(
      &line->words[6]);  // beyond the first granule, whose mark is the object's
  const Weak<Line> weak(line);
  GC();
  EXPECT_EQ(value.Get(), &node->value);
  EXPECT_EQ(word.Get(), &line->words[6]);
  EXPECT_EQ(weak.Get(), line);
}

Node global_node;

TEST(WeakDeathTest, OfOtherMemoryIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(Weak<Node>{&global_node}, testing::ExitedWithCode(2),
              "fatal error: Weak: .* not in heap");
  EXPECT_EXIT(Weak<Node>{new Node}, testing::ExitedWithCode(2),
              "fatal error: Weak: .* not in heap");
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

struct Finalized {
  int64_t seen = -1;
  bool weak_was_null = false;
  std::atomic<bool> done{true};
};
Finalized outer_seen;
std::vector<Weak<Node>>
    weak_to_both;  // each outer object and what it leads to; only read while it is not done
Node* revived = nullptr;

[[gnu::noinline]] void DropOuterWithFinalizer(int n) {
  for (int i = 0; i < n; ++i) {
    Node* inner = New<Node>(nullptr, 7);
    Node* outer = New<Node>(inner, 5);
    weak_to_both.emplace_back(outer);
    weak_to_both.emplace_back(inner);
    SetFinalizer(outer, [](Node* node) {
      if (outer_seen.done.load()) return;
      outer_seen.weak_was_null = true;
      for (size_t k = 0; k < weak_to_both.size(); k += 2) {
        if (weak_to_both[k].Get() == node) outer_seen.weak_was_null = false;
        // What the object leads to is whole, and so weak pointers lead to it.
        if (weak_to_both[k + 1].Get() == node->next) outer_seen.seen = node->next->value;
      }
      revived = node;
      outer_seen.done.store(true);
    });
  }
}

TEST(WeakTest, IsNullBeforeTheFinalizerRunsAndAlsoWhenThatRevivesTheObject) {
  weak_to_both.clear();
  DropOuterWithFinalizer(100);
  outer_seen.done.store(false);
  GC();
  ASSERT_TRUE(test::Eventually([] { return outer_seen.done.load(); }));
  EXPECT_TRUE(outer_seen.weak_was_null);
  EXPECT_EQ(outer_seen.seen, 7);
  GC();
  size_t alive = 0;
  for (size_t k = 0; k < weak_to_both.size(); k += 2) alive += weak_to_both[k].Get() != nullptr;
  EXPECT_LT(alive, 10u);
  EXPECT_EQ(Weak<Node>(revived).Get(), revived) << "a new one";
  EXPECT_EQ(revived->value, 5);
  revived = nullptr;
}

// Each of its links is taken off by itself, in any order, before and after its object has died.
TEST(WeakTest, ManyComeAndGo) {
  std::vector<Weak<Node>> weak;
  std::vector<Node*, Allocator<Node*>> kept;
  for (int i = 0; i < 10'000; ++i) {
    kept.push_back(New<Node>(nullptr, i));
    weak.emplace_back(kept.back());
    weak.emplace_back(kept.back());
    Drop(weak, 1);
    if (i % 3 == 0) weak.erase(weak.end() - 2);
    if (i % 1000 == 0) GC();
  }
  GC();
  size_t alive = 0;
  for (const Weak<Node>& w : weak) alive += w.Get() != nullptr;
  EXPECT_GE(alive, 2u * 10'000 - 3334);
  EXPECT_LT(alive, 2u * 10'000 - 3334 + 400);
}

}  // namespace
}  // namespace heapwise::runtime
