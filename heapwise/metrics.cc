#include "heapwise/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/clock.h"
#include "heapwise/base/fatal.h"
#include "heapwise/gc/collector.h"
#include "heapwise/gc/log.h"
#include "heapwise/gc/settings.h"
#include "heapwise/gc/time_histogram.h"
#include "heapwise/gc/trigger.h"
#include "heapwise/thread_heap.h"

namespace heapwise::metrics {
namespace {

using runtime::AllocCounters;
using runtime::internal::CollectorTotals;
using runtime::internal::TimeHistogram;

double Seconds(uint64_t ns) { return static_cast<double>(ns) / 1e9; }

uint64_t SubtractOrZero(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

struct Heap {
  AllocCounters frees;
  AllocCounters allocs;

  uint64_t objects() const { return allocs.allocs - frees.allocs; }
  uint64_t bytes() const { return allocs.bytes - frees.bytes; }
};

struct Memory {
  uint64_t free;
  uint64_t objects;
  uint64_t released;
  uint64_t unused;
  uint64_t metadata;

  uint64_t total() const { return free + objects + released + unused + metadata; }
};

struct Cpu {
  uint64_t assist_ns;
  uint64_t pause_ns;
  uint64_t total_ns;
};

// What a call of Read has read so far: each group is read once, when the first metric of it is asked for.
class Reading {
 public:
  const CollectorTotals& Collector() {
    return Once(collector_, [] { return runtime::internal::Totals(); });
  }

  const Heap& TheHeap() {
    return Once(heap_, [] {
      // In this order, or a collection that ends in between has freed what was not allocated yet.
      const AllocCounters frees = runtime::internal::TotalFrees();
      return Heap{.frees = frees, .allocs = runtime::TotalAllocs()};
    });
  }

  const Memory& TheMemory() {
    return Once(memory_, [this] {
      const uint64_t resident = GC_get_heap_size();
      const uint64_t free = std::min<uint64_t>(GC_get_free_bytes(), resident);
      const uint64_t released = GC_get_unmapped_bytes();
      const uint64_t in_use = resident - free;
      const uint64_t objects = std::min(TheHeap().bytes(), in_use);
      return Memory{
          .free = free,
          .objects = objects,
          .released = released,
          .unused = in_use - objects,
          .metadata = SubtractOrZero(GC_get_obtained_from_os_bytes(), resident + released)};
    });
  }

  const Cpu& TheCpu() {
    return Once(cpu_, [this] {
      const auto processors = static_cast<uint64_t>(runtime::Processors());
      return Cpu{
          .assist_ns = Collector().assist_ns,
          .pause_ns = Collector().pause_total_ns * processors,
          .total_ns = (runtime::MonotonicNanos() - runtime::ProcessStartNanos()) * processors};
    });
  }

 private:
  template <class T>
  struct Group {
    bool read = false;
    T value{};
  };

  template <class T, class ReadGroup>
  const T& Once(Group<T>& group, ReadGroup read) {
    if (!group.read) {
      group.value = read();
      group.read = true;
    }
    return group.value;
  }

  Group<CollectorTotals> collector_;
  Group<Heap> heap_;
  Group<Memory> memory_;
  Group<Cpu> cpu_;
};

void Show(Value& value, const TimeHistogram& times) {
  Float64Histogram& histogram = value.BecomeHistogram();
  histogram.buckets = TimeHistogram::Boundaries();
  histogram.counts.resize(TimeHistogram::kBuckets);
  for (size_t i = 0; i < histogram.counts.size(); ++i) histogram.counts[i] = times.Count(i);
}

// A size class is the bucket that begins with the least size of the class; the last is that of large objects.
constexpr size_t kSizeBuckets = runtime::internal::kMaxSmallGranules + 1;
constexpr std::array<double, kSizeBuckets + 1> kSizes = [] {
  std::array<double, kSizeBuckets + 1> sizes{};
  for (size_t i = 0; i < kSizeBuckets; ++i) {
    sizes[i] = static_cast<double>(i * runtime::internal::kGranule + 1);
  }
  sizes[kSizeBuckets] = std::numeric_limits<double>::infinity();
  return sizes;
}();

void ShowAllocsBySize(Value& value) {
  Float64Histogram& histogram = value.BecomeHistogram();
  histogram.buckets = kSizes;
  histogram.counts.resize(kSizeBuckets);
  const auto allocs = runtime::internal::AllocsBySize();
  std::copy(allocs.begin() + 1, allocs.end(), histogram.counts.begin());
  histogram.counts.back() = allocs[0];
}

struct Metric {
  Description description;
  void (*read)(Reading& reading, Value& value);
};

constexpr ValueKind kUint64 = ValueKind::kUint64;
constexpr ValueKind kFloat64 = ValueKind::kFloat64;
constexpr ValueKind kHistogram = ValueKind::kFloat64Histogram;

// By name.
constexpr Metric kMetrics[] = {
    {{"/cpu/classes/gc/mark/assist:cpu-seconds",
      "CPU time that threads of the program spent on collections with the world running: on "
      "marking steps in the "
      "incremental mode, and on sweeping and counting survivors, which Go does not count here.",
      kFloat64, true},
     [](Reading& r, Value& v) { v = Value(Seconds(r.TheCpu().assist_ns)); }},
    {{"/cpu/classes/gc/pause:cpu-seconds",
      "CPU time with the world stopped by the collector: the pauses of complete collections times "
      "the processors, as "
      "nothing else can run meanwhile, however many of them the collector uses.",
      kFloat64, true},
     [](Reading& r, Value& v) { v = Value(Seconds(r.TheCpu().pause_ns)); }},
    {{"/cpu/classes/gc/total:cpu-seconds",
      "CPU time of the collector: the sum of all metrics in /cpu/classes/gc.", kFloat64, true},
     [](Reading& r, Value& v) { v = Value(Seconds(r.TheCpu().assist_ns + r.TheCpu().pause_ns)); }},
    {{"/cpu/classes/total:cpu-seconds",
      "CPU time available to the process: its processors times the time since it started. What of "
      "it the program used and "
      "what nobody did is not measured.",
      kFloat64, true},
     [](Reading& r, Value& v) { v = Value(Seconds(r.TheCpu().total_ns)); }},
    {{"/gc/cycles/automatic:gc-cycles", "Collections that the program did not ask for.", kUint64,
      true},
     [](Reading& r, Value& v) { v = Value(r.Collector().num_gc - r.Collector().num_forced); }},
    {{"/gc/cycles/forced:gc-cycles",
      "Collections that the program asked for: GC() one, FreeOSMemory() three and more.", kUint64,
      true},
     [](Reading& r, Value& v) { v = Value(r.Collector().num_forced); }},
    {{"/gc/cycles/total:gc-cycles", "Collections.", kUint64, true},
     [](Reading& r, Value& v) { v = Value(r.Collector().num_gc); }},
    {{"/gc/gogc:percent",
      "The heap's growth that is aimed at, as set by GOGC and SetGCPercent; 100 where nobody did, "
      "and 2^64-1 where it is "
      "off.",
      kUint64, false},
     [](Reading&, Value& v) {
       v = Value(static_cast<uint64_t>(int64_t{runtime::internal::GcPercent()}));
     }},
    {{"/gc/gomemlimit:bytes",
      "The memory limit, as set by GOMEMLIMIT and SetMemoryLimit; 2^63-1 where nobody did.",
      kUint64, false},
     [](Reading&, Value& v) {
       v = Value(static_cast<uint64_t>(runtime::internal::MemoryLimit()));
     }},
    {{"/gc/heap/allocs-by-size:bytes",
      "Objects allocated, by their size rounded up to the size class.", kHistogram, true},
     [](Reading&, Value& v) { ShowAllocsBySize(v); }},
    {{"/gc/heap/allocs:bytes", "Bytes of all objects allocated, rounded up to their size classes.",
      kUint64, true},
     [](Reading& r, Value& v) { v = Value(r.TheHeap().allocs.bytes); }},
    {{"/gc/heap/allocs:objects", "Objects allocated.", kUint64, true},
     [](Reading& r, Value& v) { v = Value(r.TheHeap().allocs.allocs); }},
    {{"/gc/heap/frees:bytes", "Bytes of all objects that collections have found dead.", kUint64,
      true},
     [](Reading& r, Value& v) { v = Value(r.TheHeap().frees.bytes); }},
    {{"/gc/heap/frees:objects", "Objects that collections have found dead.", kUint64, true},
     [](Reading& r, Value& v) { v = Value(r.TheHeap().frees.allocs); }},
    {{"/gc/heap/goal:bytes",
      "The size of the heap that the next collection is to come in time for.", kUint64, false},
     [](Reading&, Value& v) { v = Value(runtime::internal::CurrentHeapGoal()); }},
    {{"/gc/heap/live:bytes",
      "Bytes of objects that the last collection found alive, with what waited on the threads' "
      "free lists.",
      kUint64, false},
     [](Reading& r, Value& v) { v = Value(r.Collector().heap_marked); }},
    {{"/gc/heap/objects:objects",
      "Objects that are alive, or that no collection has found dead yet.", kUint64, false},
     [](Reading& r, Value& v) { v = Value(r.TheHeap().objects()); }},
    {{"/gc/limiter/last-enabled:gc-cycle",
      "The collection that the GC CPU limiter put off last, by its number, the first being 1; 0: "
      "none so far.",
      kUint64, false},
     [](Reading&, Value& v) { v = Value(runtime::internal::Limiter().last_enabled); }},
    {{"/gc/pauses:seconds", "Deprecated, as in Go: the same as /sched/pauses/total/gc:seconds.",
      kHistogram, true},
     [](Reading&, Value& v) { Show(v, runtime::internal::CollectionStops().total); }},
    {{"/gc/scan/globals:bytes",
      "Bytes of globals that the collector looks through: data and bss of the program and its "
      "libraries.",
      kUint64, false},
     [](Reading&, Value& v) { v = Value(runtime::internal::GlobalsBytes()); }},
    {{"/gc/scan/stack:bytes", "Bytes of stacks that the last collection scanned; an estimate.",
      kUint64, false},
     [](Reading&, Value& v) { v = Value(runtime::internal::LastStackBytes()); }},
    {{"/memory/classes/heap/free:bytes",
      "Memory of the heap without objects that has not been given back to the system.", kUint64,
      false},
     [](Reading& r, Value& v) { v = Value(r.TheMemory().free); }},
    {{"/memory/classes/heap/objects:bytes",
      "Memory of objects that are alive, or that no collection has found dead yet.", kUint64,
      false},
     [](Reading& r, Value& v) { v = Value(r.TheMemory().objects); }},
    {{"/memory/classes/heap/released:bytes",
      "Memory of the heap without objects that has been given back to the system.", kUint64, false},
     [](Reading& r, Value& v) { v = Value(r.TheMemory().released); }},
    {{"/memory/classes/heap/unused:bytes",
      "Memory of blocks with objects that none of them takes: free places, the threads' free "
      "lists, and what the "
      "collector keeps in the heap for itself.",
      kUint64, false},
     [](Reading& r, Value& v) { v = Value(r.TheMemory().unused); }},
    {{"/memory/classes/metadata/other:bytes",
      "Memory of the collector beside the heap: block headers, mark bits, mark stacks.", kUint64,
      false},
     [](Reading& r, Value& v) { v = Value(r.TheMemory().metadata); }},
    {{"/memory/classes/total:bytes",
      "All memory that the collector has had from the system: the sum of all metrics in "
      "/memory/classes. Stacks of threads "
      "and memory of malloc are not among it.",
      kUint64, false},
     [](Reading& r, Value& v) { v = Value(r.TheMemory().total()); }},
    {{"/sched/gomaxprocs:threads", "Processors that this process may run on.", kUint64, false},
     [](Reading&, Value& v) { v = Value(static_cast<uint64_t>(runtime::Processors())); }},
    {{"/sched/pauses/stopping/gc:seconds",
      "Times that the threads took to stop for a collection: from deciding so until all stood. "
      "Part of "
      "/sched/pauses/total/gc:seconds.",
      kHistogram, true},
     [](Reading&, Value& v) { Show(v, runtime::internal::CollectionStops().stopping); }},
    {{"/sched/pauses/stopping/other:seconds",
      "Times that the threads took to stop for something else: ReadMemStats.", kHistogram, true},
     [](Reading&, Value& v) { Show(v, runtime::internal::OtherStops().stopping); }},
    {{"/sched/pauses/total/gc:seconds",
      "Times that the world was stopped by the collector: from deciding so until the threads went "
      "on. A collection has one "
      "such stop, in the incremental mode several.",
      kHistogram, true},
     [](Reading&, Value& v) { Show(v, runtime::internal::CollectionStops().total); }},
    {{"/sched/pauses/total/other:seconds",
      "Times that the world was stopped for something else: ReadMemStats.", kHistogram, true},
     [](Reading&, Value& v) { Show(v, runtime::internal::OtherStops().total); }},
};
static_assert(std::ranges::is_sorted(kMetrics, {},
                                     [](const Metric& m) { return m.description.name; }));

constexpr std::array<Description, std::size(kMetrics)> kDescriptions = [] {
  std::array<Description, std::size(kMetrics)> descriptions{};
  std::ranges::transform(kMetrics, descriptions.begin(), &Metric::description);
  return descriptions;
}();

[[noreturn]] void Panic(const char* called, const char* kind) {
  runtime::internal::Fatal("panic: called %s on non-%s metric value\n", called, kind);
}

}  // namespace

uint64_t Value::Uint64() const {
  if (kind_ != ValueKind::kUint64) Panic("Uint64", "uint64");
  return uint64_;
}

double Value::Float64() const {
  if (kind_ != ValueKind::kFloat64) Panic("Float64", "float64");
  return float64_;
}

const Float64Histogram& Value::Histogram() const {
  if (kind_ != ValueKind::kFloat64Histogram) Panic("Histogram", "Float64Histogram");
  return histogram_;
}

Float64Histogram& Value::BecomeHistogram() {
  kind_ = ValueKind::kFloat64Histogram;
  return histogram_;
}

std::span<const Description> All() { return kDescriptions; }

void Read(std::span<Sample> samples) {
  runtime::internal::InitCollector();
  Reading reading;
  for (Sample& sample : samples) {
    const auto* const metric =
        std::ranges::lower_bound(kMetrics, std::string_view(sample.name), {},
                                 [](const Metric& m) { return m.description.name; });
    if (metric == std::end(kMetrics) || metric->description.name != sample.name) {
      sample.value = Value();
    } else {
      metric->read(reading, sample.value);
    }
  }
}

}  // namespace heapwise::metrics
