// Runs every row of ROOTS.md.

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <coroutine>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/fiber.h"
#include "heapwise/heap.h"
#include "heapwise/root.h"
#include "heapwise/scanned.h"
#include "heapwise/testdata/retention.h"
#include "heapwise/weak.h"
#include "testing/run.h"

namespace heapwise::runtime {
namespace {

constexpr size_t kObjects = 100;

using Make = std::function<Node*()>;
using Collect = std::function<void()>;

// How many of kObjects are freed when a collection comes where `hold` calls it. It makes them by `make`, and lets no pointer
// be anywhere but in the place that it is about.
size_t FreedIn(const std::function<void(const Make& make, const Collect& collect)>& hold) {
  std::vector<Weak<Node>> weak;
  size_t freed = 0;
  const Make make = [&weak] {
    Node* const node = MakeNode(1);
    weak.emplace_back(node);
    return node;
  };
  const Collect collect = [&weak, &freed] {
    EXPECT_EQ(weak.size(), kObjects);
    ClearDeadStack();
    GC();
    for (const Weak<Node>& node : weak) freed += node.Get() == nullptr ? 1 : 0;
  };
  hold(make, collect);
  return freed;
}

// The same where they lie in kObjects words, each as `as` has it.
template <class Word, class As>
size_t FreedInWords(Word* words, As as) {
  return FreedIn([&](const Make& make, const Collect& collect) {
    [&]() __attribute__((noinline)) {
      for (size_t i = 0; i < kObjects; ++i) {
        words[i] = as(make());
        MakeNode(0);  // what comes behind it is another one
      }
    }
    ();
    collect();
    for (size_t i = 0; i < kObjects; ++i) words[i] = Word();
  });
}

const auto as_it_is = [](Node* node) { return node; };
const auto as_root = [](Node* node) { return Root(node); };

Node* global_nodes[kObjects];
uintptr_t global_words[kObjects];
thread_local Node* thread_local_nodes[kObjects];
thread_local Root<Node> thread_local_roots[kObjects];

uintptr_t Bits(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

void* Map(size_t bytes, int sharing = MAP_PRIVATE) {
  return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
}

size_t FreedInStatics() {
  static Node* nodes[kObjects];
  return FreedInWords(nodes, as_it_is);
}

size_t FreedInLibrary() {
  void* const library = dlopen(GLOBAL_POINTERS, RTLD_NOW);
  if (library == nullptr) ADD_FAILURE() << dlerror();
  auto* const pointers = reinterpret_cast<void** (*)()>(dlsym(library, "GlobalPointers"));
  const size_t freed = FreedInWords(pointers(), as_it_is);
  dlclose(library);
  return freed;
}

size_t FreedInLocals() {
  Node* volatile nodes[kObjects];
  return FreedInWords(nodes, as_it_is);
}

size_t FreedInRegisters() {
  size_t freed = 0;
  for (size_t i = 0; i < kObjects; i += 4) {
    Node* a = MakeNode(1);
    Node* b = MakeNode(1);
    Node* c = MakeNode(1);
    Node* d = MakeNode(1);
    asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
    ClearDeadStack();
    GC();
    Churn();
    asm volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
    for (const Node* node : {a, b, c, d}) freed += node->value == 1 ? 0 : 1;
  }
  return freed;
}

// In words of malloc's, which a collection does not look at.
template <class As>
size_t FreedInMalloc(As as) {
  using Word = std::invoke_result_t<As, Node*>;
  const auto words = std::make_unique<Word[]>(kObjects);
  return FreedInWords(words.get(), as);
}

size_t FreedInThreadSpecific(bool root) {
  std::array<pthread_key_t, kObjects> keys;
  for (pthread_key_t& key : keys) pthread_key_create(&key, nullptr);
  const size_t freed = FreedIn([&](const Make& make, const Collect& collect) {
    [&]() __attribute__((noinline)) {
      for (const pthread_key_t key : keys) {
        void* value = make();
        if (root) value = new Root(static_cast<Node*>(value));
        pthread_setspecific(key, value);
      }
    }
    ();
    collect();
  });
  for (const pthread_key_t key : keys) {
    if (root) delete static_cast<Root<Node>*>(pthread_getspecific(key));
    pthread_key_delete(key);
  }
  return freed;
}

// Has the calling thread take the nodes from where nobody looks into local variables, and wait.
struct Handover {
  std::unique_ptr<Node*[]> nodes = std::make_unique<Node*[]>(kObjects);
  std::atomic<int> step{0};
};
[[gnu::noinline]] void TakeAndWait(Handover& handover) {
  Node* volatile nodes[kObjects];
  for (size_t i = 0; i < kObjects; ++i) nodes[i] = std::exchange(handover.nodes[i], nullptr);
  handover.step.store(1);
  while (handover.step.load() != 2) usleep(100);
  nodes[0] = nodes[1];
}
size_t FreedInAThread(const std::function<void(Handover&)>& run) {
  return FreedIn([&run](const Make& make, const Collect& collect) {
    Handover handover;
    [&]() __attribute__((noinline)) {
      for (size_t i = 0; i < kObjects; ++i) handover.nodes[i] = make();
    }
    ();
    std::thread thread([&] { run(handover); });
    while (handover.step.load() != 1) usleep(100);
    collect();
    handover.step.store(2);
    thread.join();
  });
}

Handover* of_handler = nullptr;

size_t FreedInSignalStack() {
  return FreedInAThread([](Handover& handover) {
    const ThreadScope scope;
    of_handler = &handover;
    stack_t signal_stack{};
    signal_stack.ss_size = size_t{64} << 10;
    signal_stack.ss_sp = Map(signal_stack.ss_size);
    sigaltstack(&signal_stack, nullptr);
    struct sigaction action {};
    action.sa_handler = [](int) { TakeAndWait(*of_handler); };
    action.sa_flags = SA_ONSTACK;
    sigaction(SIGUSR1, &action, nullptr);
    raise(SIGUSR1);
  });
}

template <class Pointers>
size_t FreedInElements() {
  return FreedIn([](const Make& make, const Collect& collect) {
    Pointers pointers;
    [&]() __attribute__((noinline)) {
      for (size_t i = 0; i < kObjects; ++i) {
        if constexpr (requires { typename Pointers::mapped_type; }) {
          pointers.emplace(static_cast<int>(i), make());
        } else {
          pointers.emplace_back(make());
        }
      }
    }
    ();
    collect();
  });
}

size_t FreedInLambda() {
  return FreedIn([](const Make& make, const Collect& collect) {
    std::array<Node*, kObjects> nodes;
    std::generate(nodes.begin(), nodes.end(), make);
    const auto lambda = [nodes] { return nodes[0]->value + nodes[kObjects - 1]->value; };
    nodes = {};
    asm volatile("" : : "r"(&nodes), "r"(&lambda) : "memory");
    collect();
    EXPECT_EQ(lambda(), 2);
  });
}

template <class Pointer>
std::function<int64_t()> LargeFunction(Node* node) {
  return [pointer = Pointer(node), room = std::array<int64_t, 4>()] {
    return pointer->value + room[0];
  };
}

// A new thread begins with the vector registers of the one that made it, which had just copied pointers.
[[gnu::noinline]] void ClearVectorRegisters() {
  static char zeros[2][kObjects * sizeof(Node*)];
  volatile size_t bytes = sizeof zeros[0];
  std::memcpy(zeros[0], zeros[1], bytes);
}

template <class Pointer>
size_t FreedInThreadCapture() {
  return FreedIn([](const Make& make, const Collect& collect) {
    std::atomic<int> step{0};
    std::thread thread;
    [&]() __attribute__((noinline)) {
      std::array<Pointer, kObjects> nodes;
      for (Pointer& node : nodes) node = Pointer(make());
      thread = std::thread([nodes, &step] {
        const ThreadScope scope;
        ClearVectorRegisters();
        step.store(1);
        while (step.load() != 2) usleep(100);
        asm volatile("" : : "r"(&nodes) : "memory");
      });
    }
    ();
    while (step.load() != 1) usleep(100);
    collect();
    step.store(2);
    thread.join();
  });
}

template <class Pointer>
std::future<Pointer> Promised(Node* node) {
  std::promise<Pointer> promise;
  promise.set_value(Pointer(node));
  return promise.get_future();
}

struct Nothing {};

template <class Base>
struct Coroutine {
  struct promise_type : Base {
    Coroutine get_return_object() {
      return {{std::coroutine_handle<promise_type>::from_promise(*this).address(), Destroy}};
    }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  static void Destroy(void* frame) { std::coroutine_handle<>::from_address(frame).destroy(); }

  std::unique_ptr<void, void (*)(void*)> frame{nullptr, Destroy};
};

template <class Base>
Coroutine<Base> Suspended(Node* node) {
  co_await std::suspend_always();
  asm volatile("" : : "r"(node));
}

template <class Pointer>
struct Error {
  std::array<Pointer, kObjects> nodes;
};
template <class Pointer>
[[noreturn, gnu::noinline]] void ThrowNodes(const Make& make) {
  Error<Pointer> error;
  for (Pointer& node : error.nodes) node = Pointer(make());
  throw error;
}
template <class Pointer>
size_t FreedInException() {
  return FreedIn([](const Make& make, const Collect& collect) {
    try {
      ThrowNodes<Pointer>(make);
    } catch (const Error<Pointer>& error) {
      collect();
      asm volatile("" : : "r"(&error) : "memory");
    }
  });
}
template <class Pointer>
size_t FreedInExceptionPointer() {
  return FreedIn([](const Make& make, const Collect& collect) {
    std::exception_ptr caught;
    [&]() __attribute__((noinline)) {
      try {
        ThrowNodes<Pointer>(make);
      } catch (...) {
        caught = std::current_exception();
      }
    }
    ();
    collect();
  });
}

size_t FreedInMap(int sharing) {
  return FreedInWords(static_cast<Node**>(Map(kObjects * sizeof(Node*), sharing)), as_it_is);
}

size_t FreedInPipe(bool root) {
  int ends[2];
  if (pipe(ends) != 0) ADD_FAILURE();
  const size_t freed = FreedIn([&](const Make& make, const Collect& collect) {
    [&]() __attribute__((noinline)) {
      for (size_t i = 0; i < kObjects; ++i) {
        void* value = make();
        if (root) value = new Root(static_cast<Node*>(value));
        EXPECT_EQ(write(ends[1], &value, sizeof value), ssize_t{sizeof value});
      }
    }
    ();
    collect();
  });
  for (size_t i = 0; i < kObjects; ++i) {
    void* value = nullptr;
    EXPECT_EQ(read(ends[0], &value, sizeof value), ssize_t{sizeof value});
    if (root) delete static_cast<Root<Node>*>(value);
  }
  close(ends[0]);
  close(ends[1]);
  return freed;
}

// --- A fiber ---

struct Fiber {
  ucontext_t here{};
  ucontext_t there{};
  const Make* make = nullptr;
};
Fiber* fiber = nullptr;

void RunFiber() {
  Node* volatile nodes[kObjects];
  for (Node* volatile& node : nodes) node = (*fiber->make)();
  SwitchStack([] { swapcontext(&fiber->there, &fiber->here); });
  nodes[0] = nodes[1];
}

size_t FreedInFiber(bool named) {
  constexpr size_t kStackBytes = size_t{256} << 10;
  void* const memory = Map(kStackBytes);
  std::unique_ptr<FiberStack> stack;
  if (named) stack = std::make_unique<FiberStack>(memory, kStackBytes);
  const auto own = std::make_unique<Fiber>();
  fiber = own.get();
  getcontext(&fiber->there);
  fiber->there.uc_stack.ss_sp = memory;
  fiber->there.uc_stack.ss_size = kStackBytes;
  fiber->there.uc_link = &fiber->here;
  makecontext(&fiber->there, RunFiber, 0);
  return FreedIn([](const Make& make, const Collect& collect) {
    fiber->make = &make;
    SwitchStack([] { swapcontext(&fiber->here, &fiber->there); });
    collect();
    SwitchStack([] { swapcontext(&fiber->here, &fiber->there); });
  });
}

// --- Words ---

template <class As>
size_t FreedInGlobalWords(As as) {
  return FreedInWords(global_words, as);
}

size_t FreedInPacked(size_t offset) {
  static_assert(kObjects <= 128);
  alignas(8) static char bytes[128 * sizeof(Node*) + 8];
  return FreedIn([offset](const Make& make, const Collect& collect) {
    [&]() __attribute__((noinline)) {
      for (size_t i = 0; i < kObjects; ++i) {
        Node* const node = make();
        std::memcpy(bytes + offset + i * sizeof node, &node, sizeof node);
      }
    }
    ();
    collect();
    std::memset(bytes, 0, sizeof bytes);
  });
}

// Slices of one, by pointers past their ends.
size_t FreedBeforeSliceEnds() {
  std::vector<Weak<Node>> weak;
  [&weak]() __attribute__((noinline)) {
    for (uintptr_t& word : global_words) {
      const std::span<Node> slice = MakeSlice<Node>(1);
      weak.emplace_back(slice.data());
      word = Bits(slice.data() + slice.size());
    }
  }
  ();
  ClearDeadStack();
  GC();
  size_t freed = 0;
  for (const Weak<Node>& node : weak) freed += node.Get() == nullptr ? 1 : 0;
  return freed;
}

struct Holder {
  Node* node;
};
struct ScannedHolder : Scanned {
  explicit ScannedHolder(Node* held) : node(held) {}
  Node* node;
};

struct Row {
  std::function<size_t()> place;      // how many are freed; empty: the thread is refused
  std::function<size_t()> instead{};  // the same with what the table names, where it does
};

const std::map<std::string, Row>& Rows() {
  using AllocatedMap = std::map<int, Node*, std::less<>, Allocator<std::pair<const int, Node*>>>;
  static const std::map<std::string, Row> rows{
      {"a local variable or parameter", {FreedInLocals}},
      {"a register", {FreedInRegisters}},
      {"a global variable", {[] { return FreedInWords(global_nodes, as_it_is); }}},
      {"a static variable in a function", {FreedInStatics}},
      {"a global variable of a library loaded with dlopen", {FreedInLibrary}},
      {"a thread_local variable",
       {[] { return FreedInWords(thread_local_nodes, as_it_is); },
        [] { return FreedInWords(thread_local_roots, as_root); }}},
      {"what pthread_setspecific keeps",
       {[] { return FreedInThreadSpecific(false); }, [] { return FreedInThreadSpecific(true); }}},
      {"a local variable of a thread without a ThreadScope",
       {[] { return FreedInAThread(TakeAndWait); },
        [] {
          return FreedInAThread([](Handover& handover) {
            const ThreadScope scope;
            TakeAndWait(handover);
          });
        }}},
      {"an object of New",
       {[] { return FreedInGlobalWords([](Node* node) { return Bits(New<Holder>(node)); }); }}},
      {"a slice of MakeSlice",
       {[] { return FreedInWords(MakeSlice<Node*>(kObjects).data(), as_it_is); }}},
      {"an object of a pointer-free type (`kIsPointerFree`)",
       {[] { return FreedInWords(MakeSlice<uintptr_t>(kObjects).data(), Bits); },
        [] { return FreedInWords(MakeSlice<Node*>(kObjects).data(), as_it_is); }}},
      {"memory of malloc",
       {[] {
          auto* const words = static_cast<Node**>(std::calloc(kObjects, sizeof(Node*)));
          const size_t freed = FreedInWords(words, as_it_is);
          std::free(words);
          return freed;
        },
        [] {
          auto* const words = static_cast<Node**>(AllocateScanned(kObjects * sizeof(Node*)));
          const size_t freed = FreedInWords(words, as_it_is) + FreedInMalloc(as_root);
          FreeScanned(words);
          return freed;
        }}},
      {"memory of operator new",
       {[] {
          return FreedInMalloc([](Node* node) { return std::make_unique<Holder>(Holder{node}); });
        },
        [] {
          return FreedInMalloc([](Node* node) { return std::make_unique<ScannedHolder>(node); });
        }}},
      {"the elements of a std::vector",
       {FreedInElements<std::vector<Node*>>,
        [] {
          return FreedInElements<std::vector<Node*, Allocator<Node*>>>() +
                 FreedInElements<std::vector<Node*, ScannedAllocator<Node*>>>() +
                 FreedInElements<std::vector<Root<Node>>>();
        }}},
      {"the nodes of a std::map, std::list or std::unordered_map",
       {[] {
          return std::min({FreedInElements<std::map<int, Node*>>(),
                           FreedInElements<std::list<Node*>>(),
                           FreedInElements<std::unordered_map<int, Node*>>()});
        },
        [] {
          return FreedInElements<AllocatedMap>() +
                 FreedInElements<std::list<Node*, Allocator<Node*>>>();
        }}},
      {"the object and control block of std::make_shared",
       {[] { return FreedInMalloc([](Node* node) { return std::make_shared<Node*>(node); }); },
        [] {
          return FreedInMalloc([](Node* node) {
                   return std::allocate_shared<Node*>(ScannedAllocator<Node*>(), node);
                 }) +
                 FreedInMalloc([](Node* node) { return std::make_shared<Root<Node>>(node); });
        }}},
      {"what a lambda captures, in a local variable", {FreedInLambda}},
      {"what a std::function captures, above 16 bytes",
       {[] { return FreedInMalloc(LargeFunction<Node*>); },
        [] { return FreedInMalloc(LargeFunction<Root<Node>>); }}},
      {"what the function of a std::thread captures",
       {FreedInThreadCapture<Node*>, FreedInThreadCapture<Root<Node>>}},
      {"the result in a std::promise, std::future or std::async",
       {[] { return FreedInMalloc(Promised<Node*>); },
        [] { return FreedInMalloc(Promised<Root<Node>>); }}},
      {"the frame of a coroutine",
       {[] { return FreedInMalloc(Suspended<Nothing>); },
        [] { return FreedInMalloc(Suspended<Scanned>); }}},
      {"an exception that is handled", {FreedInException<Node*>, FreedInException<Root<Node>>}},
      {"an exception in a std::exception_ptr",
       {FreedInExceptionPointer<Node*>, FreedInExceptionPointer<Root<Node>>}},
      {"memory of mmap",
       {[] { return FreedInMap(MAP_PRIVATE); }, [] { return FreedInMalloc(as_root); }}},
      {"memory shared with another process",
       {[] { return FreedInMap(MAP_SHARED); }, [] { return FreedInMalloc(as_root); }}},
      {"a pipe, a socket, epoll_data",
       {[] { return FreedInPipe(false); }, [] { return FreedInPipe(true); }}},
      {"an alternate signal stack", {FreedInSignalStack}},
      {"the stack of a fiber, as a FiberStack", {[] { return FreedInFiber(true); }}},
      {"the stack of a fiber, not named", {{}, [] { return FreedInFiber(true); }}},
      {"a Weak",
       {[] { return FreedInMalloc([](Node* node) { return Weak<Node>(node); }); },
        [] { return FreedInMalloc(as_root); }}},
      {"a word, with a tag in its low bits",
       {[] { return FreedInGlobalWords([](Node* node) { return Bits(node) | 7; }); }}},
      {"a word, with a tag in its high bits",
       {[] {
          return FreedInGlobalWords([](Node* node) { return Bits(node) | uintptr_t{1} << 63; });
        },
        [] { return FreedInGlobalWords([](Node* node) { return Bits(node) | 1; }); }}},
      {"a word, xored or inverted",
       {[] { return FreedInGlobalWords([](Node* node) { return ~Bits(node); }); },
        [] { return FreedInMalloc(as_root); }}},
      {"a word at an odd address, as in a packed struct",
       {[] { return FreedInPacked(1); }, [] { return FreedInPacked(0); }}},
      {"a pointer into the middle of an object",
       {[] { return FreedInGlobalWords([](Node* node) { return Bits(&node->value); }); }}},
      {"a pointer one past the end of a slice", {FreedBeforeSliceEnds}},
      {"a pointer one past the end of a single object",
       {[] { return FreedInGlobalWords([](Node* node) { return Bits(node + 1); }); },
        FreedBeforeSliceEnds}},
  };
  return rows;
}

struct Said {
  std::string retains;
  bool instead;
};

// The rows of the table in ROOTS.md, by where the pointer lies.
std::map<std::string, Said> Table() {
  std::map<std::string, Said> table;
  std::ifstream page(test::SourceRoot() / "heapwise" / "ROOTS.md");
  bool in_rows = false;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with('|')) {
      in_rows = false;
    } else if (line.starts_with("|---")) {
      in_rows = true;
    } else if (in_rows) {
      std::vector<std::string> cells{""};
      for (const char c : line.substr(1)) {
        if (c == '|') {
          cells.emplace_back();
        } else {
          cells.back() += c;
        }
      }
      for (std::string& cell : cells) {
        cell.erase(0, cell.find_first_not_of(' '));
        cell.erase(cell.find_last_not_of(' ') + 1);
      }
      EXPECT_EQ(cells.size(), 4u) << line;
      if (cells.size() != 4) continue;
      EXPECT_TRUE(table.emplace(cells[0], Said{cells[1], !cells[2].empty()}).second) << line;
    }
  }
  return table;
}

TEST(RootsTableTest, EveryRowHasATestAndEveryTestARow) {
  const std::map<std::string, Said> table = Table();
  EXPECT_FALSE(table.empty());
  for (const auto& [place, said] : table) {
    EXPECT_TRUE(Rows().contains(place)) << "no test of: " << place;
    EXPECT_TRUE(said.retains == "yes" || said.retains == "no" || said.retains == "refused")
        << place;
    EXPECT_EQ(said.instead, said.retains != "yes") << place;
  }
  for (const auto& [place, row] : Rows()) {
    EXPECT_TRUE(table.contains(place)) << "no row of: " << place;
  }
}

// Some may be kept by what was left in registers and on stacks; where the place retains, none is freed.
constexpr size_t kMostOfThem = kObjects / 2;

TEST(RootsTableTest, EveryRowIsAsTheTableSays) {
  for (const auto& [place, said] : Table()) {
    const auto row = Rows().find(place);
    if (row == Rows().end()) continue;
    SCOPED_TRACE(place);
    if (said.retains == "yes") {
      ASSERT_TRUE(row->second.place);
      EXPECT_EQ(row->second.place(), 0u);
    } else if (said.retains == "no") {
      ASSERT_TRUE(row->second.place);
      EXPECT_GE(row->second.place(), kMostOfThem);
    } else {
      EXPECT_FALSE(row->second.place);
      EXPECT_EQ(StatusInAChild([] { FreedInFiber(false); }), 2);
    }
    ASSERT_EQ(static_cast<bool>(row->second.instead), said.instead);
    if (said.instead) {
      EXPECT_EQ(row->second.instead(), 0u) << "what to use instead";
    }
  }
}

}  // namespace
}  // namespace heapwise::runtime
