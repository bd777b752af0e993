#include "lessons/01-gc-metrics/program.h"

#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "heapwise/heap.h"

namespace runtime = heapwise::runtime;

namespace program {
namespace {

constexpr size_t kSlices = 100;
constexpr size_t kMiB = 1 << 20;

using Slices = std::vector<std::span<char>, runtime::Allocator<std::span<char>>>;

// A static variable is a root: what it holds lives on.
Slices kept;

Slices AllocateSlices() {
  Slices slices(kSlices);
  for (std::span<char>& slice : slices) slice = runtime::MakeSlice<char>(kMiB);
  return slices;
}

// The collector takes any word on the stack that looks like a pointer for one. What calls that have
// returned left behind is such a word until something writes over it.
[[gnu::noinline]] void OverwriteDeadStack() {
  volatile char zeros[16 << 10] = {};
  static_cast<void>(zeros[0]);
}

[[gnu::noinline]] void AllocateAndDrop() { AllocateSlices(); }
[[gnu::noinline]] void AllocateAndKeep() { kept = AllocateSlices(); }

runtime::MemStats ReadAndPrint(const char* title, std::ostream& out) {
  runtime::MemStats stats;
  runtime::ReadMemStats(&stats);
  out << title << '\n';
  PrintStats(stats, out);
  return stats;
}

Readings Run(void (*allocate)(), std::ostream& out) {
  kept = Slices();
  Readings readings;
  readings.before = ReadAndPrint("Before allocations:", out);
  allocate();
  OverwriteDeadStack();
  runtime::GC();
  readings.after = ReadAndPrint("\nAfter GC:", out);
  return readings;
}

}  // namespace

void PrintStats(const runtime::MemStats& stats, std::ostream& out) {
  const auto milliseconds = [](uint64_t ns) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3fms", static_cast<double>(ns) / 1e6);
    return std::string(text);
  };
  out << "Heap Alloc: " << stats.HeapAlloc / kMiB << " MB\n"
      << "Total Alloc: " << stats.TotalAlloc / kMiB << " MB\n"
      << "Sys: " << stats.Sys / kMiB << " MB\n"
      << "NumGC: " << stats.NumGC << "\n"
      << "PauseTotal: " << milliseconds(stats.PauseTotalNs) << "\n";
  if (stats.NumGC == 0) return;  // there is no last pause yet
  out << "Last Pause: " << milliseconds(stats.PauseNs[(stats.NumGC + 255) % 256]) << "\n";
}

Readings RunAndDrop(std::ostream& out) { return Run(AllocateAndDrop, out); }
Readings RunAndKeep(std::ostream& out) { return Run(AllocateAndKeep, out); }

}  // namespace program
