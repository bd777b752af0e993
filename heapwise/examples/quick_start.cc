#include <cstdio>

#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/pprof/profile.h"

struct Node {
  Node* next;
  long value;
};

int main() {
  Node* list = nullptr;
  for (long i = 0; i < 1'000'000; ++i) list = heapwise::runtime::New<Node>(list, i);
  heapwise::runtime::MemStats stats;
  heapwise::runtime::ReadMemStats(&stats);
  std::printf("NumGC %u, HeapAlloc %.1f MiB, the last value is %ld\n", stats.NumGC,
              static_cast<double>(stats.HeapAlloc) / (1 << 20), list->value);
  return heapwise::pprof::WriteHeapProfileTo("heap.pb.gz") ? 1 : 0;
}
