// Lesson 03: the same object in three places, and how much room each place has.
//
// slow.cc and fast.cc differ in one line: where the object is. Both hand it to FillAndSum, which is
// compiled apart, so that the compiler cannot see that the object is not needed and leave it out.
#ifndef HEAPWISE_LESSONS_03_STACK_VS_HEAP_LESSON_H_
#define HEAPWISE_LESSONS_03_STACK_VS_HEAP_LESSON_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// An object of so many bytes: numbers of eight bytes each.
template <size_t kBytes>
using Object = std::array<uint64_t, kBytes / sizeof(uint64_t)>;

// The work on an object, the same wherever it is: writes 1, 2, 3, ... into it, then returns their sum.
uint64_t FillAndSum(std::span<uint64_t> numbers);

namespace slow {

// On the garbage-collected heap: a new object for each call.
template <size_t kBytes>
uint64_t Sum();

// The same with new and delete.
template <size_t kBytes>
uint64_t SumUnique();

// One object of 256 bytes on the garbage-collected heap for all calls.
uint64_t SumKept();

}  // namespace slow

namespace fast {

// On the stack.
template <size_t kBytes>
uint64_t Sum();

}  // namespace fast

// A binary tree as it may come from anywhere: balanced, or so one-sided that it is a list.
struct Node {
  const Node* left = nullptr;
  const Node* right = nullptr;
};

namespace exercise {

// The number of nodes on the longest way down from `root`: 0 without a tree, 1 for a single node.
int64_t Height(const Node* root);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_03_STACK_VS_HEAP_LESSON_H_
