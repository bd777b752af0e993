#include <cstddef>

namespace {

void* volatile sink;

[[gnu::noinline]] void* AllocateHidden(size_t bytes) {
  sink = new char[bytes];
  return sink;
}

}  // namespace

extern "C" void* AllocateStripped(size_t bytes) {
  sink = AllocateHidden(bytes);
  return sink;
}

extern "C" void* (*FindStripped())(size_t bytes) { return AllocateHidden; }
