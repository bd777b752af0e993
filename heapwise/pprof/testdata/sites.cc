#include "heapwise/pprof/testdata/sites.h"

#include <memory>
#include <string>
#include <vector>

#include "heapwise/heap.h"

namespace heapwise::pprof::sites {
namespace {

struct Node {
  Node* left;
  Node* right;
  int64_t payload[2];
};

struct Wide {
  int64_t words[24];
};

struct Tree {
  Node* root;
  Wide* leaf;
};

// Takes what a site allocates, and frees it when asked.
class Keeper {
 public:
  virtual ~Keeper() = default;
};

template <class T>
class KeeperOf : public Keeper {
 public:
  explicit KeeperOf(T value) : value_(std::move(value)) {}

 private:
  T value_;
};

constexpr int kRoom = 1 << 12;
void* volatile kept_collected[kRoom];  // a root of the collector
int kept_collected_count = 0;

// Memory that operator new does not see holds the values of the standard library.
Keeper* kept[kRoom];
int kept_count = 0;
alignas(16) char room[kRoom][64];

template <class T>
void Keep(T value) {
  static_assert(sizeof(KeeperOf<T>) <= sizeof room[0]);
  kept[kept_count] = ::new (room[kept_count]) KeeperOf<T>(std::move(value));
  ++kept_count;
}

void KeepCollected(void* object) { kept_collected[kept_collected_count++] = object; }

[[gnu::noinline]] void PlainArray() {
  auto* array = new int[100];  // site array
  Keep(std::unique_ptr<int[]>(array));
}

template <class T>
[[gnu::noinline]] std::unique_ptr<T> MakeOne() {
  return std::unique_ptr<T>(new T());  // site template
}

void Template() { Keep(MakeOne<Wide>()); }

void Lambda() {
  const auto allocate = []() __attribute__((noinline)) {
    return new Node();  // site lambda
  };
  Keep(std::unique_ptr<Node>(allocate()));
}

[[gnu::noinline]] void LongString() {
  std::string text(1000, 'x');  // site string
  Keep(std::move(text));
}

[[gnu::noinline]] void GrowString() {
  std::string text;
  text.append(500, 'x');  // site append
  Keep(std::move(text));
}

[[gnu::noinline]] void FilledVector() {
  std::vector<double> numbers(640);  // site vector
  Keep(std::move(numbers));
}

[[gnu::noinline]] void PushedVector() {
  std::vector<Wide> wides;
  wides.push_back(Wide());  // site push_back
  Keep(std::move(wides));
}

[[gnu::noinline]] void Unique() {
  auto tree = std::make_unique<Tree>();  // site make_unique
  Keep(std::move(tree));
}

inline Node* Inlined() {
  return new Node();  // site inlined
}

[[gnu::noinline]] void CallsInlined() { Keep(std::unique_ptr<Node>(Inlined())); }

void Library() { Keep(std::unique_ptr<char[]>(AllocateInLibrary())); }

[[gnu::noinline]] void Collected() {
  Node* node = runtime::New<Node>();  // site New
  KeepCollected(node);
}

[[gnu::noinline]] void CollectedSlice() {
  std::span<char> slice = runtime::MakeSlice<char>(3000);  // site MakeSlice
  KeepCollected(slice.data());
}

[[gnu::noinline]] void CollectedVector() {
  std::vector<Node*, runtime::Allocator<Node*>> nodes;
  nodes.resize(20);  // site Allocator
  KeepCollected(nodes.data());
}

constexpr Site kSites[] = {
    {"array", "PlainArray()", PlainArray, 400},
    {"template", "MakeOne<", Template, sizeof(Wide)},
    {"lambda", "Lambda()::{lambda()#1}::operator()", Lambda, sizeof(Node)},
    {"string", "LongString()", LongString, 1001},
    {"append", "GrowString()", GrowString, 501},
    {"vector", "FilledVector()", FilledVector, 640 * sizeof(double)},
    {"push_back", "PushedVector()", PushedVector, sizeof(Wide)},
    {"make_unique", "Unique()", Unique, sizeof(Tree)},
    {"inlined", "::Inlined", CallsInlined, sizeof(Node)},
    {"library", "AllocateInLibrary()", Library, 2048},
    {"New", "Collected()", Collected, sizeof(Node)},
    {"MakeSlice", "CollectedSlice()", CollectedSlice, 3008},
    {"Allocator", "CollectedVector()", CollectedVector, 176},
};

}  // namespace

std::span<const Site> All() { return kSites; }

void ForgetAll() {
  while (kept_count > 0) kept[--kept_count]->~Keeper();
  while (kept_collected_count > 0) kept_collected[--kept_collected_count] = nullptr;
}

}  // namespace heapwise::pprof::sites
