#include "benchmarks/harness/counters.h"

#include <algorithm>
#include <string>

#include "benchmarks/stats/quantile.h"

namespace heapwise::bench {
namespace {

using benchmark::Counter;

// The mean over the collections of what `ns_of` says of each; 0 without collections.
template <class NsOf>
double MeanNs(const std::vector<runtime::Collection>& collections, const NsOf& ns_of) {
  if (collections.empty()) return 0;
  double sum = 0;
  for (const runtime::Collection& c : collections) sum += static_cast<double>(ns_of(c));
  return sum / static_cast<double>(collections.size());
}

// Sets pause_mean_ns and the phase_*_ns, in the order in which a collection goes through them.
void ReportMeans(benchmark::UserCounters& counters,
                 const std::vector<runtime::Collection>& collections) {
  using runtime::Collection;
  const auto mean = [&](const auto& ns_of) { return MeanNs(collections, ns_of); };
  counters["pause_mean_ns"] = mean([](const Collection& c) { return c.max_pause_ns; });
  counters["phase_concurrent_mark_ns"] =
      mean([](const Collection& c) { return c.concurrent_mark_ns; });
  counters["phase_stop_ns"] = mean([](const Collection& c) { return c.stop_ns; });
  counters["phase_mark_ns"] = mean([](const Collection& c) { return c.mark_ns; });
  counters["phase_restart_ns"] =
      mean([](const Collection& c) { return c.pause_ns - c.stop_ns - c.mark_ns; });
  counters["phase_sweep_ns"] = mean([](const Collection& c) { return c.sweep_ns; });
}

// Sets PREFIX_p50_ns, p99, p999 where asked for, and max; 0 where there is no value.
void ReportDistribution(benchmark::UserCounters& counters, const std::string& prefix,
                        const std::vector<double>& ns, bool with_p999) {
  const auto quantile = [&ns](double q) { return stats::NearestRank(ns, q).value_or(0); };
  counters[prefix + "_p50_ns"] = quantile(0.50);
  counters[prefix + "_p99_ns"] = quantile(0.99);
  if (with_p999) counters[prefix + "_p999_ns"] = quantile(0.999);
  counters[prefix + "_max_ns"] = quantile(1.0);
}

}  // namespace

void AddAllocations(const Allocations& allocations, benchmark::UserCounters& counters) {
  // kAvgIterations: Google Benchmark adds the threads' values up and divides by the operations of all.
  const auto per_op = [](uint64_t count) {
    return Counter(static_cast<double>(count), Counter::kAvgIterations);
  };
  counters["allocs_per_op"] = per_op(allocations.allocs());
  counters["bytes_per_op"] = per_op(allocations.bytes());
  counters["new_allocs_per_op"] = per_op(allocations.new_allocs);
  counters["new_bytes_per_op"] = per_op(allocations.new_bytes);
  counters["gc_allocs_per_op"] = per_op(allocations.gc_allocs);
  counters["gc_bytes_per_op"] = per_op(allocations.gc_bytes);
}

void AddCollections(const ProcessCounts& counts, benchmark::UserCounters& counters) {
  std::vector<double> pauses;
  double pause_total_ns = 0;
  for (const runtime::Collection& c : counts.log.collections) {
    pauses.push_back(static_cast<double>(c.max_pause_ns));
    pause_total_ns += static_cast<double>(c.pause_ns);
  }
  const double collections = static_cast<double>(counts.log.collections.size() + counts.log.lost);
  counters["collections"] = collections;
  counters["collections_per_1000_ops"] = Counter(collections * 1000, Counter::kAvgIterations);
  counters["pause_total_ns"] = pause_total_ns;
  ReportDistribution(counters, "pause", pauses, /*with_p999=*/false);
  ReportMeans(counters, counts.log.collections);
  counters["gc_cpu_fraction"] =
      counts.wall_ns == 0
          ? 0.0
          : std::min(1.0, static_cast<double>(counts.gc_cpu_ns) /
                              (static_cast<double>(counts.wall_ns) * counts.processors));
  counters["peak_heap_bytes"] = static_cast<double>(counts.peak_heap_bytes);
  counters["live_heap_bytes"] = static_cast<double>(counts.live_heap_bytes);
}

void AddLatencies(const std::vector<double>& ns, benchmark::UserCounters& counters) {
  ReportDistribution(counters, "request", ns, /*with_p999=*/true);
}

}  // namespace heapwise::bench
