// A program of the tests' own, for what needs a process that is fresh or built in another way.
//
//   pprof_probe write FILE     allocates at every site, 100 times, at rate 1; writes the profile
//   pprof_probe load LIBRARY FILE   the same for AllocateEverywhere in a shared library
//   pprof_probe publication    what is visible when, a line for each moment
//   pprof_probe incremental    whether garbage leaves the profile in the incremental mode
//   pprof_probe early          bytes in the profile that a constructor allocated before main

#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include "heapwise/heap.h"
#include "heapwise/modes.h"
#include "heapwise/pprof/profile.h"
#include "heapwise/pprof/testdata/sites.h"

namespace {

using namespace heapwise;

constexpr size_t kEarlyBytes = size_t{64} << 20;

// Runs before main. At the default rate 64 MiB without a sample has probability exp(-128).
struct Early {
  Early() : memory(new char[kEarlyBytes]) {}
  std::unique_ptr<char[]> memory;
};
Early early;

int WriteTo(const char* file) {
  const std::error_code error = pprof::WriteHeapProfileTo(file);
  if (error) std::printf("%s\n", error.message().c_str());
  return error ? 1 : 0;
}

int Write(const char* file) {
  pprof::SetMemProfileRate(1);
  for (const pprof::sites::Site& site : pprof::sites::All()) {
    for (int i = 0; i < 100; ++i) site.allocate();
  }
  runtime::GC();
  return WriteTo(file);
}

int Load(const char* library, const char* file) {
  void* const handle = dlopen(library, RTLD_NOW);
  if (handle == nullptr) {
    std::printf("%s\n", dlerror());
    return 1;
  }
  const auto allocate = reinterpret_cast<void (*)(size_t)>(dlsym(handle, "AllocateEverywhere"));
  pprof::SetMemProfileRate(1);
  for (int i = 0; i < 3; ++i) allocate(1000);
  runtime::GC();
  return WriteTo(file);
}

constexpr size_t kOdd = 12345;  // nothing else allocates this many bytes

void Print(const char* moment) {
  uint64_t allocated = 0;
  uint64_t in_use = 0;
  for (const pprof::Sample& sample : pprof::HeapProfile().samples) {
    if (sample.bytes_each != kOdd) continue;
    allocated += sample.alloc_objects;
    in_use += sample.inuse_objects;
  }
  std::printf("%s: %d allocated, %d in use\n", moment, static_cast<int>(allocated),
              static_cast<int>(in_use));
}

int Publication() {
  early.memory.reset();
  pprof::SetMemProfileRate(1);
  auto first = std::make_unique<char[]>(kOdd);
  Print("nothing published yet");
  auto second = std::make_unique<char[]>(kOdd);
  Print("no collection since");
  first.reset();
  Print("deleted");
  runtime::GC();
  Print("collected");
  second.reset();
  Print("deleted again");
  runtime::GC();
  Print("collected again");
  return 0;
}

constexpr int kLive = 200'000;
void* volatile live[kLive];  // a root of the collector

int Incremental() {
  runtime::EnableIncremental(std::chrono::milliseconds(5));
  pprof::SetMemProfileRate(1000);
  struct Node {
    Node* next;
    int64_t payload[5];
  };
  const auto in_use = [] {
    runtime::GC();
    uint64_t objects = 0;
    for (const pprof::Sample& sample : pprof::HeapProfile().samples) {
      if (sample.bytes_each == sizeof(Node)) objects += sample.inuse_objects;
    }
    return objects;
  };
  for (int i = 0; i < 5 * kLive; ++i) live[i % kLive] = runtime::New<Node>();
  // A sample falls on one in 21.3: on about 9,400 of what is alive.
  const uint64_t before = in_use();
  for (void* volatile& object : live) object = nullptr;
  const uint64_t after = in_use();
  std::printf("%s, %s\n", before > 9'000 && before < 10'000 ? "alive" : "wrong",
              after < 100 ? "then dead" : "then not dead");
  return 0;
}

int PrintEarly() {
  for (const pprof::Sample& sample : pprof::HeapProfile().samples) {
    if (sample.bytes_each == kEarlyBytes) {
      std::printf("%llu\n", static_cast<unsigned long long>(sample.inuse_bytes));
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "write") == 0) return Write(argv[2]);
  if (argc == 4 && std::strcmp(argv[1], "load") == 0) return Load(argv[2], argv[3]);
  if (argc == 2 && std::strcmp(argv[1], "publication") == 0) return Publication();
  if (argc == 2 && std::strcmp(argv[1], "incremental") == 0) return Incremental();
  if (argc == 2 && std::strcmp(argv[1], "early") == 0) return PrintEarly();
  std::fputs(
      "usage: pprof_probe write FILE | load LIBRARY FILE | publication | incremental | early\n",
      stderr);
  return 2;
}
