#include "lessons/13-pause-monitor/workload.h"

#include <span>

#include "heapwise/base/clock.h"
#include "heapwise/heap.h"

namespace runtime = heapwise::runtime;

namespace {

struct Row {
  Row* next;
  int64_t key;
  int64_t value[2];
};
static_assert(sizeof(Row) == 32);

// The rows of one part lie far from each other, and so do the parts that follow one another, as in a table that has
// been in use for a while. All of them are one list in the end, and a list is marked one row after the other: more
// markers do not shorten that.
constexpr size_t kParts = 1024;
// Has no divisor in common with kParts, so that the steps come by every part.
constexpr size_t kNextPart = 389;

// Static variables are roots: the collector scans them, so what they reach lives on.
Row* rows = nullptr;
std::span<Row*> parts;  // the first row of each, while they are loaded
std::span<Row*> ends;   // the last row of each

}  // namespace

void LoadExport() {
  parts = runtime::MakeSlice<Row*>(kParts);
  ends = runtime::MakeSlice<Row*>(kParts);
  for (int64_t key = 0; key < kRows; ++key) {
    Row*& first = parts[key % kParts];
    first = runtime::New<Row>(first, key);
    if (ends[key % kParts] == nullptr) ends[key % kParts] = first;
  }
  for (size_t i = 0, part = 0; i + 1 < kParts; ++i) {
    const size_t next = (part + kNextPart) % kParts;
    ends[part]->next = parts[next];
    part = next;
  }
  rows = parts.front();
  parts = {};
}

// A stale address on the stack keeps a row alive, and all rows that follow it in the list (lesson 14). Cut into its
// parts, the list loses nearly all of them.
void DropExport() {
  for (Row* end : ends) end->next = nullptr;
  ends = {};
  rows = nullptr;
  runtime::GC();
}

int64_t CountExport() {
  int64_t count = 0;
  for (const Row* row = rows; row != nullptr; row = row->next) ++count;
  return count;
}

size_t HandleRequest() { return runtime::MakeSlice<char>(kReplyBytes).size(); }

int ServeMinute(int minute) {
  if (minute == kExportBegins) LoadExport();
  int late = 0;
  for (int i = 0; i < kRequestsPerMinute; ++i) {
    const uint64_t start_ns = runtime::MonotonicNanos();
    HandleRequest();
    if (runtime::MonotonicNanos() - start_ns > kTargetNs) ++late;
  }
  if (minute == kExportEnds) DropExport();
  return late;
}
