// How a lesson registers its benchmarks. A lesson's bench.cc is this header, the lesson's own, and one function:
//
//   void RegisterLesson(heapwise::bench::Lesson& lesson) {
//     lesson.Slow([] { return slow::CreateUser(); });
//     lesson.Fast([] { return fast::CreateUser(); });
//   }
//
// A body is one operation. What it returns is kept from the optimiser; nothing else is added to the loop.
// The harness holds main(): every lesson program is an ordinary Google Benchmark binary with all of its
// flags, and two more, --heapwise_seed and --heapwise_timeline (README.md in this folder).
//
// Each benchmark reports, beside time: allocations and bytes per operation (operator new and the collected
// heap, together and apart), collections, pauses, the collector's share of the CPU, peak and live heap.
#ifndef HEAPWISE_BENCHMARKS_HARNESS_LESSON_H_
#define HEAPWISE_BENCHMARKS_HARNESS_LESSON_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmarks/harness/measurement.h"
#include "heapwise/base/clock.h"

namespace heapwise::bench {

// One body and how it is to be run. The setters return the variant, so that they can be chained.
class Variant {
 public:
  // Runs the body once for each size, which it takes as its argument: "slow/64", "slow/1024", ...
  Variant& Sizes(std::vector<int64_t> sizes);

  // Runs the body on one thread, and on each of these numbers of threads too: "slow/threads:2". Every
  // thread is registered with the collector.
  Variant& Threads(std::vector<int> threads);

  // Runs exactly this many operations instead of as many as fill the minimum time: for counts that
  // depend on the amount of work, such as collections. Google Benchmark adds "/iterations:N" to the name.
  Variant& Operations(int64_t operations);

  // Takes the time of each single operation and reports its percentiles as request_p50_ns to
  // request_max_ns. Costs two clock readings an operation: for requests, not for calls.
  Variant& RecordLatency();

  // Runs before each measurement, not counted and not timed: settings, and data that the body works on.
  Variant& Setup(std::function<void()> setup);

  // A measure of the lesson's own: the value of `read` after the loop, reported under the name `measure`.
  Variant& Report(std::string measure, std::function<double()> read);

 private:
  friend class Lesson;
  using Loop = std::function<void(benchmark::State&, int64_t size, Measurement&)>;

  Variant(std::string name, bool takes_size, Loop loop);
  void RegisterAs(const std::string& name, std::vector<std::function<void()>>& registrations) const;

  std::string name_;
  bool takes_size_;
  Loop loop_;
  std::vector<int64_t> sizes_;
  std::vector<int> threads_ = {1};
  int64_t operations_ = 0;  // 0: as many as fill the minimum time
  bool record_latency_ = false;
  std::function<void()> setup_;
  std::vector<std::pair<std::string, std::function<double()>>> own_measures_;
};

class Lesson {
 public:
  explicit Lesson(uint64_t seed = 1) : seed_(seed) {}

  // What --heapwise_seed says (1 without it), and so another number in each block: for a lesson in which chance
  // plays a part, to draw all that its variants meet in a block from.
  uint64_t seed() const { return seed_; }

  // The lesson's pair. The fast body is registered a second time as "control": what differs between
  // the two is this machine's noise and nothing else.
  template <class Body>
  Variant& Slow(Body body) {
    return Add("slow", std::move(body));
  }
  template <class Body>
  Variant& Fast(Body body) {
    return Add("fast", std::move(body));
  }

  // Any other variant, by its name. A name that starts with "fast" gets no control of its own.
  template <class Body>
  Variant& Add(std::string name, Body body) {
    constexpr bool kTakesSize = std::is_invocable_v<Body&, int64_t>;
    static_assert(kTakesSize || std::is_invocable_v<Body&>,
                  "a body takes nothing, or the size as an int64_t");
    auto loop = [body = std::move(body)](benchmark::State& state, int64_t size,
                                         Measurement& measurement) mutable {
      if constexpr (kTakesSize) {
        RunLoop(state, measurement, [&body, size] { return body(size); });
      } else {
        RunLoop(state, measurement, body);
      }
    };
    variants_.push_back(
        std::unique_ptr<Variant>(new Variant(std::move(name), kTakesSize, std::move(loop))));
    return *variants_.back();
  }

  // Says that the variants are settings of the whole process or leave traces in it: lesson.json's "isolation" is
  // "process", and a program that ran several of them at once says so in the end.
  void OneProcessEach() { one_process_each_ = true; }
  bool one_process_each() const { return one_process_each_; }

  // Leaves both heaps as they are at the start of the program, for a lesson whose operations are processes of their own:
  // what the harness fetches beforehand would not be counted against their limits.
  void NoWarmUp() { warm_up_ = false; }
  bool warm_up() const { return warm_up_ && !one_process_each_; }

  // The counters that some variants report and others do not.
  std::set<std::string> CountersOfSomeVariants() const;

  // Hands everything to Google Benchmark: in the order of registration, the control last; with a seed
  // in an order shuffled by it. Ends the program with a message where a body and its sizes do not fit.
  void RegisterAll(const uint64_t* seed) const;

 private:
  template <class Operation>
  static void RunLoop(benchmark::State& state, Measurement& measurement, Operation&& operation) {
    const auto run = [&operation] {
      if constexpr (std::is_void_v<std::invoke_result_t<Operation&>>) {
        operation();
        benchmark::ClobberMemory();
      } else {
        auto result = operation();
        benchmark::DoNotOptimize(result);
      }
    };
    LatencyLog* const latencies = measurement.latencies();
    measurement.Start();
    if (latencies == nullptr) {
      for (auto _ : state) run();
    } else {
      for (auto _ : state) {
        const uint64_t start_ns = runtime::MonotonicNanos();
        run();
        latencies->Add(runtime::MonotonicNanos() - start_ns);
      }
    }
    measurement.Stop();
  }

  const uint64_t seed_;
  std::vector<std::unique_ptr<Variant>> variants_;
  bool one_process_each_ = false;
  bool warm_up_ = true;
};

}  // namespace heapwise::bench

// Defined by each lesson's bench.cc; called once by the harness before anything runs.
void RegisterLesson(heapwise::bench::Lesson& lesson);

#endif  // HEAPWISE_BENCHMARKS_HARNESS_LESSON_H_
