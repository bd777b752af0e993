#include "lessons/14-leaks-and-oom/retained.h"

#include <array>
#include <cstdint>
#include <span>
#include <thread>
#include <utility>

#include "heapwise/heap.h"

namespace runtime = heapwise::runtime;

std::span<Line> scanned_log;
std::span<PointerFreeLine> pointer_free_log;

namespace {

using Block = std::array<char, 1024>;

// Its parts do not lead to each other: what still points to one of them keeps that one alone.
struct Report {
  std::array<Block*, kReportBytes / sizeof(Block)> blocks;
};

[[gnu::noinline]] Report* Write() {
  Report* const report = runtime::New<Report>();
  for (Block*& block : report->blocks) block = runtime::New<Block>();
  return report;
}

// A stack in an array. Slots from `size` on do not count any more, but only we know that.
class Reports {
 public:
  void Push(Report* report) { slots_[size_++] = report; }
  Report* Pop() { return slots_[--size_]; }
  Report* PopAndClear() { return std::exchange(slots_[--size_], nullptr); }

 private:
  std::span<Report*> slots_ = runtime::MakeSlice<Report*>(16);
  size_t size_ = 0;
};

Reports reports;  // static data: a root

uint64_t IdOf(const Report* report) { return reinterpret_cast<uintptr_t>(report); }

template <class Work>
void OnAThreadThatEnds(Work work) {
  std::thread([work] {
    const runtime::ThreadScope scope;
    work();
  }).join();
}

}  // namespace

void PopReport() {
  OnAThreadThatEnds([] {
    reports.Push(Write());
    reports.Pop();
  });
}

void PopReportAndClear() {
  OnAThreadThatEnds([] {
    reports.Push(Write());
    reports.PopAndClear();
  });
}

void LogInScannedMemory() {
  OnAThreadThatEnds([] {
    scanned_log = runtime::MakeSlice<Line>(16);
    scanned_log[0] = {1, IdOf(Write())};
  });
}

void LogInPointerFreeMemory() {
  OnAThreadThatEnds([] {
    pointer_free_log = runtime::MakeSlice<PointerFreeLine>(16);
    pointer_free_log[0] = {1, IdOf(Write())};
  });
}
