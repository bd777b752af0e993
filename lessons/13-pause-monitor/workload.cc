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

// Static variables are roots: the collector scans them, so what they reach lives on.
Row* rows = nullptr;
std::span<Row*> parts;

// The rows of one part lie far from each other, as in a table that has been in use for a while. All of them
// are one list in the end, and a list is marked one row after the other: more markers do not shorten that.
constexpr size_t kParts = 1024;

}  // namespace

void LoadExport() {
  parts = runtime::MakeSlice<Row*>(kParts);
  std::span<Row*> ends = runtime::MakeSlice<Row*>(kParts);
  for (int64_t key = 0; key < kRows; ++key) {
    Row*& first = parts[key % kParts];
    first = runtime::New<Row>(first, key);
    if (ends[key % kParts] == nullptr) ends[key % kParts] = first;
  }
  for (size_t part = 0; part + 1 < kParts; ++part) ends[part]->next = parts[part + 1];
  rows = parts.front();
  parts = {};
}

void DropExport() {
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
