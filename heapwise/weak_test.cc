#include "heapwise/weak.h"

#include <vector>

#include "gtest/gtest.h"
#include "heapwise/finalizer.h"
#include "heapwise/heap.h"

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

int finalized = 0;

[[gnu::noinline]] void DropWithFinalizer(int n) {
  for (int i = 0; i < n; ++i) {
    // A finalizer may allocate.
    SetFinalizer<Node>(New<Node>(nullptr, i), [](Node* node) {
      finalized += static_cast<int>(New<Node>(node, 1)->value);
    });
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
  SetFinalizer(kept, nullptr);
}

template <size_t alignment>
struct alignas(alignment) Aligned {
  Aligned* self;
};

// How many were finalized of each alignment: what a stale word keeps of one may go while the next is tested.
template <size_t alignment>
inline int aligned_finalized = 0;

// Makes n objects with a finalizer that counts them, in a frame of its own.
template <size_t alignment>
[[gnu::noinline]] void MakeAligned(
    int n, std::vector<Aligned<alignment>*, Allocator<Aligned<alignment>*>>* kept) {
  using Object = Aligned<alignment>;
  for (int i = 0; i < n; ++i) {
    Object* object = New<Object>();
    object->self = object;
    SetFinalizer(object, [](Object* dead) {
      aligned_finalized<alignment> += dead->self == dead ? 1 : 1000000;
    });
    if (kept != nullptr) kept->push_back(object);
  }
}

template <size_t alignment>
void TestAligned() {
  std::vector<Aligned<alignment>*, Allocator<Aligned<alignment>*>> live;
  MakeAligned<alignment>(64, &live);
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_EQ(aligned_finalized<alignment>, 0) << alignment << ": they are alive";
  EXPECT_EQ(live.back()->self, live.back());
  for (Aligned<alignment>* object : live) SetFinalizer(object, nullptr);
  MakeAligned<alignment>(64, nullptr);
  for (int i = 0; i < 3; ++i) GC();
  EXPECT_GT(aligned_finalized<alignment>, 55) << alignment;
  EXPECT_LE(aligned_finalized<alignment>, 64) << alignment;
}

TEST(FinalizerTest, OverAlignedObjectsAreFinalizedWhenTheyAreDead) {
  TestAligned<8>();
  TestAligned<32>();
  TestAligned<64>();
  TestAligned<1024>();
  TestAligned<4096>();
  TestAligned<8192>();
}

TEST(FinalizerDeathTest, WhatNewDidNotReturnIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto set = [](auto* object) { SetFinalizer(object, [](auto*) {}); };
  EXPECT_EXIT(set(static_cast<Node*>(nullptr)), testing::ExitedWithCode(2),
              "fatal error: runtime.SetFinalizer: first argument is nil");
  EXPECT_EXIT(set(&global_node), testing::ExitedWithCode(2),
              "fatal error: runtime.SetFinalizer: pointer .* not in heap");
  EXPECT_EXIT(set(&MakeSlice<Node>(10)[1]), testing::ExitedWithCode(2),
              "fatal error: runtime.SetFinalizer: pointer .* not at beginning of allocated block");
}

}  // namespace
}  // namespace heapwise::runtime
