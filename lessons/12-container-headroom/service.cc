#include "lessons/12-container-headroom/service.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <random>
#include <span>
#include <vector>

#include "heapwise/debug.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"

namespace runtime = heapwise::runtime;

namespace {

constexpr int64_t kRecordBytes = 16 << 10;
constexpr int64_t kStackBytes = kConnectionBytes / 2;
constexpr int64_t kBufferBytes = kConnectionBytes / 2;

// In memory that parent and child share, so that it outlives a child that is killed.
struct Report {
  std::atomic<int64_t> connections;
  std::atomic<int64_t> collections;
  std::atomic<int64_t> heap_peak;
};

std::span<char> NewRecord() {
  const std::span<char> record = runtime::MakeSlice<char>(kRecordBytes - 1);  // one byte is bdwgc's
  std::fill(record.begin(), record.end(), 'x');
  return record;
}

// Waits for as long as there is work to do, as a server's thread does for its client.
void* HoldConnection(void* report) {
  std::array<char, kStackBytes> stack;
  char* const buffer = static_cast<char*>(std::malloc(kBufferBytes));
  if (buffer == nullptr) DieOfMemory();
  std::fill_n(static_cast<volatile char*>(stack.data()), stack.size(), 'x');
  std::fill_n(static_cast<volatile char*>(buffer), kBufferBytes, 'x');
  static_cast<Report*>(report)->connections.fetch_add(1);
  for (;;) pause();  // the end of the process is its end
}

void OpenConnections(int connections, Report* report) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes + (16 << 10));
  for (int i = 0; i < connections; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, HoldConnection, report) != 0) DieOfMemory();
  }
  while (report->connections < connections) usleep(100);
}

void Serve(const Pod& pod, int connections, Report* report) {
  heapwise::debug::SetMemoryLimit(pod.gomemlimit);
  mallopt(M_ARENA_MAX, 1);  // malloc makes more of them where there are more processors
  const uint64_t first = runtime::CollectionLog::Next();
  const auto look = [report, first] {
    report->collections = static_cast<int64_t>(runtime::CollectionLog::Next() - first);
    const int64_t heap = static_cast<int64_t>(runtime::ReadHeapCounters().sys_minus_released);
    report->heap_peak = std::max<int64_t>(report->heap_peak, heap);
  };
  std::vector<std::span<char>, runtime::Allocator<std::span<char>>> catalogue;
  catalogue.reserve(kCatalogueBytes / kRecordBytes);
  while (catalogue.size() < catalogue.capacity()) catalogue.push_back(NewRecord());
  OpenConnections(connections, report);
  for (int64_t dropped = 0; dropped < kGarbageBytes; dropped += kRecordBytes) {
    NewRecord();
    if (dropped / kRecordBytes % 4 == 0) look();
  }
  // Asked for to the end, as by requests: a compiler may forget what is not used any more, and then it is garbage.
  for (const std::span<char> record : catalogue) {
    if (record.front() != 'x') std::abort();
  }
}

}  // namespace

int ConnectionsOf(uint64_t seed) {
  std::mt19937_64 random(seed);
  return kFewestConnections +
         static_cast<int>(random() % (kMostConnections - kFewestConnections + 1));
}

Outcome RunService(ContainerKind kind, const Pod& pod, int connections) {
  void* const shared =
      mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    std::perror("service: no memory to share with the child");
    std::exit(1);
  }
  Report* const report = new (shared) Report;
  Outcome outcome;
  outcome.ended = RunInContainer(kind, pod.container, [&] { Serve(pod, connections, report); });
  outcome.connections = report->connections;
  outcome.collections = report->collections;
  outcome.heap_peak = report->heap_peak;
  outcome.peak =
      outcome.ended.peak.value_or(outcome.heap_peak + outcome.connections * kConnectionBytes);
  munmap(shared, sizeof(Report));
  if (!outcome.ended.survived() && !outcome.ended.out_of_memory) {
    std::fprintf(stderr, "service: ended with status %d, and not for lack of memory\n",
                 outcome.ended.status);
    std::exit(1);
  }
  return outcome;
}
