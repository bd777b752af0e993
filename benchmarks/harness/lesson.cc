#include "benchmarks/harness/lesson.h"

#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "benchmarks/harness/counters.h"
#include "benchmarks/stats/shuffle.h"
#include "heapwise/heap.h"

namespace heapwise::bench {

Variant::Variant(std::string name, bool takes_size, Loop loop)
    : name_(std::move(name)), takes_size_(takes_size), loop_(std::move(loop)) {}

Variant& Variant::Sizes(std::vector<int64_t> sizes) {
  sizes_ = std::move(sizes);
  return *this;
}

Variant& Variant::Threads(std::vector<int> threads) {
  threads_ = {1};
  threads_.insert(threads_.end(), threads.begin(), threads.end());
  return *this;
}

Variant& Variant::Operations(int64_t operations) {
  operations_ = operations;
  return *this;
}

Variant& Variant::RecordLatency() {
  record_latency_ = true;
  return *this;
}

Variant& Variant::Setup(std::function<void()> setup) {
  setup_ = std::move(setup);
  return *this;
}

Variant& Variant::Report(std::string measure, std::function<double()> read) {
  own_measures_.emplace_back(std::move(measure), std::move(read));
  return *this;
}

void Variant::RegisterAs(const std::string& name,
                         std::vector<std::function<void()>>& registrations) const {
  if (takes_size_ == sizes_.empty()) {
    std::fprintf(stderr, "heapwise: %s: %s\n", name_.c_str(),
                 takes_size_ ? "the body takes a size, but there is no .Sizes(...)"
                             : "there are .Sizes(...), but the body takes none");
    std::exit(2);
  }
  const std::vector<int64_t> sizes = takes_size_ ? sizes_ : std::vector<int64_t>{0};
  for (const int64_t size : sizes) {
    const std::string full_name = takes_size_ ? absl::StrCat(name, "/", size) : name;
    for (const int threads : threads_) {
      registrations.push_back([*this, full_name, size, threads] {
        auto* registered = benchmark::RegisterBenchmark(
            full_name.c_str(), [*this, full_name, size](benchmark::State& state) {
              const runtime::ThreadScope registered_thread;
              if (setup_ && state.thread_index() == 0) setup_();
              Measurement measurement(full_name, state, record_latency_);
              // Every thread and every run starts from the body as it was registered
              Loop loop = loop_;
              loop(state, size, measurement);
              measurement.Report();
              if (state.thread_index() != 0) return;
              for (const auto& [measure, read] : own_measures_) state.counters[measure] = read();
            });
        if (threads > 1) registered->Threads(threads);
        if (operations_ > 0) registered->Iterations(operations_);
      });
    }
  }
}

std::set<std::string> Lesson::CountersOfSomeVariants() const {
  std::set<std::string> names;
  for (const auto& variant : variants_) {
    for (const auto& [name, read] : variant->own_measures_) names.insert(name);
    if (variant->record_latency_) names.insert(kLatencyCounters.begin(), kLatencyCounters.end());
  }
  return names;
}

void Lesson::RegisterAll(const uint64_t* seed) const {
  std::vector<std::function<void()>> registrations;
  for (const auto& variant : variants_) variant->RegisterAs(variant->name_, registrations);
  for (const auto& variant : variants_) {
    if (variant->name_ == "fast") variant->RegisterAs("control", registrations);
  }
  if (seed != nullptr) {
    std::mt19937_64 random(*seed);
    stats::Shuffle(registrations, random);
  }
  for (const auto& register_one : registrations) register_one();
}

}  // namespace heapwise::bench
