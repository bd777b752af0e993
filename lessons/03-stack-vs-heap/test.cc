#include <gtest/gtest.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "lessons/03-stack-vs-heap/child.h"
#include "lessons/03-stack-vs-heap/lesson.h"
#include "lessons/03-stack-vs-heap/recursion.h"
#include "testing/run.h"

using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::runtime::CollectionLog;
using heapwise::test::BuildDirectory;
using heapwise::test::Execute;
using heapwise::test::Ran;

namespace {

constexpr int64_t kMiB = 1 << 20;

template <size_t kBytes>
void ExpectPlaces() {
  SCOPED_TRACE(kBytes);
  static_assert(sizeof(Object<kBytes>) == kBytes);
  constexpr uint64_t kCount = kBytes / 8;
  uint64_t sum = 0;

  const Allocations on_heap = CountAllocations([&sum] { sum = slow::Sum<kBytes>(); });
  EXPECT_EQ(sum, kCount * (kCount + 1) / 2);
  EXPECT_EQ(on_heap.gc_allocs, 1u);
  EXPECT_EQ(on_heap.new_allocs, 0u);
  EXPECT_GE(on_heap.gc_bytes, kBytes);

  const Allocations with_new = CountAllocations([&sum] { sum = slow::SumUnique<kBytes>(); });
  EXPECT_EQ(sum, kCount * (kCount + 1) / 2);
  EXPECT_EQ(with_new.new_allocs, 1u);
  EXPECT_EQ(with_new.new_bytes, kBytes);
  EXPECT_EQ(with_new.gc_allocs, 0u);

  const Allocations on_stack = CountAllocations([&sum] { sum = fast::Sum<kBytes>(); });
  EXPECT_EQ(sum, kCount * (kCount + 1) / 2);
  EXPECT_EQ(on_stack.allocs(), 0u);
}

TEST(Places, GiveTheSameSumAndTheHeapOneAllocationACall) {
  ExpectPlaces<16>();
  ExpectPlaces<256>();
  ExpectPlaces<4096>();
  ExpectPlaces<65536>();
}

TEST(Places, AnObjectMadeOnceIsNotAllocatedAgain) {
  uint64_t sum = 0;
  const Allocations made = CountAllocations([&sum] { sum = slow::SumKept(); });
  EXPECT_EQ(sum, fast::Sum<256>());
  EXPECT_EQ(made.allocs(), 0u);
}

// 1,000 calls with 64 KiB each: 62.5 MiB of garbage, where a collection is due after each 4 MiB.
TEST(Places, OnlyTheCollectedHeapIsCollected) {
  const auto collections = [](uint64_t (*sum)()) {
    heapwise::runtime::GC();
    const uint64_t before = CollectionLog::Next();
    for (int i = 0; i < 1000; ++i) sum();
    return CollectionLog::Next() - before;
  };
  EXPECT_GE(collections(slow::Sum<65536>), 10u);
  EXPECT_EQ(collections(slow::SumUnique<65536>), 0u);
  EXPECT_EQ(collections(fast::Sum<65536>), 0u);
}

// The depth that is lost to the environment, to the frames above and between two reports: far less than a quarter of a
// MiB, however large the environment of the test is.
void ExpectOverflow(const std::string& place, int64_t limit) {
  SCOPED_TRACE(place + " under " + std::to_string(limit / kMiB) + " MiB");
  const DiveEnd end = Dive(place, limit);
  EXPECT_EQ(end.exit_status, 128 + SIGSEGV);
  EXPECT_LE(end.bytes, limit);
  EXPECT_GE(end.bytes, limit - kMiB / 4);
}

void ExpectReturn(const std::string& place, int64_t limit) {
  SCOPED_TRACE(place + " under " + std::to_string(limit / kMiB) + " MiB");
  const DiveEnd end = Dive(place, limit);
  EXPECT_EQ(end.exit_status, 0);
  EXPECT_EQ(end.bytes / kMiB, kDiveBytes / kMiB);
}

TEST(Recursion, DiesAtTheLimitOfItsStack) {
  for (const int64_t limit : {1 * kMiB, 8 * kMiB}) {
    ExpectOverflow("main", limit);
    ExpectOverflow("thread", limit);
  }
}

TEST(Recursion, ReturnsWhereTheStackIsLargeEnough) {
  ExpectReturn("main", 16 * kMiB);
  ExpectReturn("thread", 16 * kMiB);
  ExpectReturn("own_stack", 8 * kMiB);
}

TEST(Recursion, OnTheHeapNeedsNoStack) { ExpectReturn("heap", kMiB); }

TEST(Recursion, CountsItsCalls) {
  constexpr int64_t kCalls = kDiveBytes / kFrameBytes;
  EXPECT_EQ(RecurseOnHeap([](int64_t) {}), kCalls);
}

TEST(Recursion, LeavesNoChildAndNoVariableBehind) {
  Dive("main", kMiB);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(getenv("HEAPWISE_DIVE"), nullptr);
}

// What the page has the reader type.
TEST(Recursion, ByHandPrintsHowDeepAndCrashes) {
  const std::string program = BuildDirectory() / "bin/03-stack-vs-heap";
  const Ran crashed = Execute({program}, {.environment = {{"HEAPWISE_DIVE", "main"}}});
  EXPECT_EQ(crashed.status, 139);
  EXPECT_TRUE(crashed.output.ends_with(" bytes deep")) << crashed.output;
  const Ran returned = Execute({program}, {.environment = {{"HEAPWISE_DIVE", "heap"}}});
  EXPECT_EQ(returned.status, 0);
  EXPECT_TRUE(returned.output.ends_with("10485760 bytes deep, and back\n")) << returned.output;
  const Ran refused = Execute({program}, {.environment = {{"HEAPWISE_DIVE", "sea"}}});
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(refused.output, "HEAPWISE_DIVE=sea: must be main, thread, own_stack or heap\n");
}

TEST(Recursion, AHardLimitThatIsTooLowIsToldInOneLine) {
  const std::string program = BuildDirectory() / "bin/03-stack-vs-heap";
  const Ran ran =
      Execute({"sh", "-c", "ulimit -s 4096; exec \"$0\" --benchmark_filter=main/8/", program});
  EXPECT_EQ(ran.status, 1);
  EXPECT_TRUE(ran.output.find("03-stack-vs-heap: the hard limit of the stack") != std::string::npos)
      << ran.output;
}

// The exercise.

// A tree made in one piece of memory, by naming each node's parent.
class Tree {
 public:
  explicit Tree(int64_t capacity) { nodes_.reserve(capacity); }

  Node* root() { return nodes_.empty() ? nullptr : &nodes_.front(); }
  int64_t height() const { return height_; }

  Node* AddRoot() { return Add(nullptr, nullptr); }
  Node* AddLeft(Node* parent) { return Add(parent, &parent->left); }
  Node* AddRight(Node* parent) { return Add(parent, &parent->right); }

 private:
  Node* Add(const Node* parent, const Node** place) {
    Node* const node = &nodes_.emplace_back();
    depths_.push_back(parent == nullptr ? 1 : depths_[parent - nodes_.data()] + 1);
    if (place != nullptr) *place = node;
    height_ = std::max(height_, depths_.back());
    return node;
  }

  std::vector<Node> nodes_;  // never more than its capacity: the nodes point to each other
  std::vector<int64_t> depths_;
  int64_t height_ = 0;
};

// Any shape, another one for each seed.
Tree RandomTree(uint32_t seed, int64_t size) {
  std::mt19937 random(seed);
  Tree tree(size);
  std::vector<Node*> nodes;
  if (size > 0) nodes.push_back(tree.AddRoot());
  while (static_cast<int64_t>(nodes.size()) < size) {
    Node* const parent = nodes[random() % nodes.size()];
    const bool left = random() % 2 == 0;
    if ((left ? parent->left : parent->right) != nullptr) continue;
    nodes.push_back(left ? tree.AddLeft(parent) : tree.AddRight(parent));
  }
  return tree;
}

enum class Way { kLeft, kRight, kZigzag };

// So many nodes below `node` in a row, each with a leaf on its other side where `leaves` says so.
void AddRow(Tree& tree, Node* node, int64_t length, Way way, bool leaves) {
  for (int64_t i = 0; i < length; ++i) {
    const bool left = way == Way::kLeft || (way == Way::kZigzag && i % 2 == 0);
    if (leaves) left ? tree.AddRight(node) : tree.AddLeft(node);
    node = left ? tree.AddLeft(node) : tree.AddRight(node);
  }
}

constexpr int64_t kStackBytes = kMiB;
constexpr int64_t kHeapBytes = 64 * kMiB;
constexpr int kSeconds = 60;

struct HeightInChild {
  int64_t height = -1;
  std::string trouble;  // in words; empty where there was none
};

enum ChildStatus { kFine = 0, kOutOfMemory = 3, kThrew = 4, kRaisedTheLimit = 5 };

// What the process has of its own: VmData and VmStk of proc(5).
int64_t DataBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size, resident, shared, text, library, data = 0;
  file >> size >> resident >> shared >> text >> library >> data;
  return data * sysconf(_SC_PAGESIZE);
}

[[noreturn]] void MeasureInChild(const Node* root, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(kSeconds);
  const auto limit = [](auto resource, int64_t bytes) {
    rlimit value;
    getrlimit(resource, &value);
    value.rlim_cur = bytes;
    setrlimit(resource, &value);
  };
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_STACK, kStackBytes);
  limit(RLIMIT_DATA, DataBytes() + kHeapBytes);  // the heap and the stacks of other threads
  mallopt(M_PERTURB, 0x5a);                      // what is freed is overwritten
  try {
    const int64_t height = exercise::Height(root);
    rlimit stack;
    getrlimit(RLIMIT_STACK, &stack);
    if (stack.rlim_cur != kStackBytes) _exit(kRaisedTheLimit);
    if (write(output, &height, sizeof(height)) != sizeof(height)) _exit(kThrew);
    _exit(kFine);
  } catch (const std::bad_alloc&) {
    _exit(kOutOfMemory);
  } catch (...) {
    _exit(kThrew);
  }
}

std::string Trouble(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    return "was not done after " + std::to_string(kSeconds) + " s";
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
    return "died of SIGSEGV with a stack of 1 MiB: does it still call itself, or follow a dangling "
           "pointer?";
  if (WIFSIGNALED(status)) return std::string("died of ") + strsignal(WTERMSIG(status));
  switch (WEXITSTATUS(status)) {
    case kFine:
      return "";
    case kOutOfMemory:
      return "asked for more than 64 MiB: keep only the nodes that are still to be visited";
    case kRaisedTheLimit:
      return "raised the limit of the stack: the next tree will be deeper still";
    default:
      return "threw an exception: a stack of a thread's own counts as memory, too, and there are "
             "64 MiB";
  }
}

// Height with little stack and little memory, where it can do no harm.
HeightInChild HeightWithSmallStack(const Node* root) {
  int ends[2];
  if (pipe(ends) != 0) return {-1, "could not be tried: no pipe"};
  const pid_t child = fork();
  if (child == 0) MeasureInChild(root, ends[1]);
  close(ends[1]);
  HeightInChild result;
  if (child < 0) {
    result.trouble = "could not be tried: no process";
  } else {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    result.trouble = Trouble(status);
    if (result.trouble.empty() &&
        read(ends[0], &result.height, sizeof(result.height)) != sizeof(result.height)) {
      result.trouble = "ended its process";
    }
  }
  close(ends[0]);
  return result;
}

// What is wrong with the height of this tree, in words; empty where nothing is.
std::string TroubleWith(Tree& tree, const std::string& shape) {
  const HeightInChild got = HeightWithSmallStack(tree.root());
  const std::string on =
      "On " + shape + ", " + std::to_string(tree.height()) + " nodes deep, Height ";
  if (!got.trouble.empty()) return on + got.trouble;
  if (got.height != tree.height()) return on + "is " + std::to_string(got.height);
  return "";
}

// The small trees come first: a wrong answer is more easily understood there.
TEST(Exercise, MeasuresTreesOfAnyShape) {
  // In a child first, where a crash can be told in words.
  Tree first = RandomTree(1, 100);
  const std::string trouble = HeightWithSmallStack(first.root()).trouble;
  ASSERT_EQ(trouble, "") << "On a random tree of 100 nodes Height " << trouble;
  ASSERT_EQ(exercise::Height(nullptr), 0) << "no tree has the height 0";
  const Node leaf;
  ASSERT_EQ(exercise::Height(&leaf), 1) << "a single node has the height 1";
  for (uint32_t seed = 0; seed < 300; ++seed) {
    Tree tree = RandomTree(seed, 1 + seed % 100);
    ASSERT_EQ(exercise::Height(tree.root()), tree.height())
        << "on a random tree of " << 1 + seed % 100
        << " nodes: the longest way down counts, left or right";
  }
}

TEST(Exercise, LooksAtTheTreeEachTime) {
  Node nodes[3];
  ASSERT_EQ(exercise::Height(&nodes[0]), 1);
  nodes[0].right = &nodes[1];
  ASSERT_EQ(exercise::Height(&nodes[0]), 2) << "the same tree, after it grew";
  nodes[1].left = &nodes[2];
  ASSERT_EQ(exercise::Height(&nodes[0]), 3) << "the same tree, after it grew";
  nodes[0].right = nullptr;
  ASSERT_EQ(exercise::Height(&nodes[0]), 1) << "the same tree, after it shrank";
}

TEST(Exercise, NeedsNoStackForADeepTree) {
  struct Row {
    Way way;
    int64_t length;
    bool leaves;
    const char* shape;
  };
  for (const Row& row :
       {Row{Way::kLeft, 1'000'000, false, "a row to the left"},
        Row{Way::kRight, 1'000'000, false, "a row to the right"},
        Row{Way::kZigzag, 1'000'000, false, "a row to the left and right by turns"},
        Row{Way::kLeft, 500'000, true, "a row to the left with leaves on the right"},
        Row{Way::kRight, 500'000, true, "a row to the right with leaves on the left"}}) {
    Tree tree(2 * row.length + 1);
    AddRow(tree, tree.AddRoot(), row.length, row.way, row.leaves);
    if (const std::string trouble = TroubleWith(tree, row.shape); !trouble.empty())
      FAIL() << trouble;
  }
  Tree tree(1'000'000);
  Node* const root = tree.AddRoot();
  AddRow(tree, root, 300'000, Way::kLeft, false);
  AddRow(tree, root, 400'000, Way::kRight, false);
  if (const std::string trouble = TroubleWith(tree, "two rows under one root"); !trouble.empty()) {
    FAIL() << trouble;
  }
}

TEST(Exercise, AsksForNoMoreMemoryThanTheTreeHasNodes) {
  constexpr int64_t kNodes = 1000;
  Tree tree = RandomTree(3, kNodes);
  const Allocations made = CountAllocations([&tree] { exercise::Height(tree.root()); });
  EXPECT_LE(made.bytes(), 64u * kNodes) << "for a tree of " << kNodes << " nodes";
}

TEST(Exercise, GivesItsMemoryBack) {
  const auto in_use = [] {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  Tree tree = RandomTree(7, 10'000);
  exercise::Height(tree.root());
  const size_t before = in_use();
  for (int i = 0; i < 10; ++i) exercise::Height(tree.root());
  const size_t after = in_use();
  EXPECT_LE(after, before) << "10 calls left " << after - before
                           << " bytes behind that nobody frees";
}

}  // namespace
