#include "lessons/01-gc-metrics/workload.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "heapwise/heap.h"

namespace runtime = heapwise::runtime;

void Dashboard::Show(const runtime::MemStats& stats) {
  ++readings;
  heap_alloc = stats.HeapAlloc;
  total_alloc = stats.TotalAlloc;
  num_gc = stats.NumGC;
  pause_total_ns = stats.PauseTotalNs;
}

void Dashboard::Show(const runtime::HeapCounters& counters) {
  ++readings;
  heap_alloc = counters.heap_live;
  total_alloc = counters.total_alloc;
  num_gc = counters.num_gc;
  pause_total_ns = counters.pause_total_ns;
}

uint64_t Answer(uint64_t request) {
  struct Line {
    Line* next;
    uint64_t price;
    uint64_t count;
    uint64_t discount;
  };
  Line* order = nullptr;
  for (uint64_t i = 0; i < kOrderLines; ++i) {
    order = runtime::New<Line>(order, request + i, uint64_t{1}, uint64_t{0});
  }
  uint64_t sum = 0;
  for (const Line* line = order; line != nullptr; line = line->next) {
    sum += line->price * line->count - line->discount;
  }
  return sum;
}

namespace {

class WaitingThreads {
 public:
  void Resize(int count) {
    {
      const std::lock_guard lock(mutex_);
      wanted_ = count;
    }
    changed_.notify_all();
    while (Size() > count) {
      threads_.back().join();
      threads_.pop_back();
    }
    while (Size() < count) {
      threads_.emplace_back([this, place = Size()] { Wait(place); });
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ == count; });
  }

 private:
  int Size() const { return static_cast<int>(threads_.size()); }

  void Wait(int place) {
    const runtime::ThreadScope registered;
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return place >= wanted_; });
    --waiting_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int wanted_ = 0;   // threads at this place and above end; guarded by mutex_
  int waiting_ = 0;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace

void KeepOtherThreads(int count) {
  // Never destroyed: threads that still wait when the process exits simply end with it.
  static WaitingThreads& threads = *new WaitingThreads;
  threads.Resize(count);
}
