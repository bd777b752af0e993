#include "benchmarks/runner/format/measures.h"

#include "absl/strings/str_replace.h"

namespace heapwise::runner {
namespace {

struct Row {
  std::string_view name;
  std::string_view label;  // {operation} becomes the lesson's
  std::string_view unit;
  bool timing;
  stats::Better better = stats::Better::kLess;
};

constexpr Row kTable[] = {
    {"time_ns", "time per {operation}", "ns", true},
    {"cpu_ns", "CPU time per {operation}", "ns", true},
    {"ops_per_second", "{operation}s per second", "per second", true, stats::Better::kMore},
    {"allocs_per_op", "allocations per {operation}", "allocations", false},
    {"bytes_per_op", "bytes allocated per {operation}", "bytes", false},
    {"new_allocs_per_op", "operator new calls per {operation}", "allocations", false},
    {"new_bytes_per_op", "bytes from operator new per {operation}", "bytes", false},
    {"gc_allocs_per_op", "collected-heap allocations per {operation}", "allocations", false},
    {"gc_bytes_per_op", "bytes from the collected heap per {operation}", "bytes", false},
    {"collections", "collections", "collections", false},
    {"collections_per_1000_ops", "collections per 1,000 {operation}s", "collections", false},
    {"pause_total_ns", "total pause", "ns", true},
    {"pause_mean_ns", "mean pause", "ns", true},
    {"pause_p50_ns", "median pause", "ns", true},
    {"pause_p99_ns", "99th percentile of pauses", "ns", true},
    {"pause_max_ns", "longest pause", "ns", true},
    {"phase_concurrent_mark_ns", "marking with the world running, per collection", "ns", true},
    {"phase_stop_ns", "stopping the threads, per collection", "ns", true},
    {"phase_mark_ns", "marking with the world stopped, per collection", "ns", true},
    {"phase_restart_ns", "restarting the threads, per collection", "ns", true},
    {"phase_sweep_ns", "sweeping, per collection", "ns", true},
    {"gc_cpu_fraction", "share of CPU time that the collector took", "fraction", true},
    {"peak_heap_bytes", "peak heap in use", "bytes", false},
    {"live_heap_bytes", "live heap", "bytes", false},
    {"request_p50_ns", "median time of a {operation}", "ns", true},
    {"request_p99_ns", "99th percentile of the time of a {operation}", "ns", true},
    {"request_p999_ns", "99.9th percentile of the time of a {operation}", "ns", true},
    {"request_max_ns", "longest time of a {operation}", "ns", true},
    {"rss_peak_bytes", "peak resident memory", "bytes", true},
};

const Row* FindRow(std::string_view name) {
  for (const Row& row : kTable) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

bool IsKnownMeasure(std::string_view name) { return FindRow(name) != nullptr; }

Measure FindMeasure(std::string_view name, std::string_view operation) {
  Measure measure;
  measure.name = std::string(name);
  if (const Row* row = FindRow(name)) {
    measure.label =
        absl::StrReplaceAll(std::string(row->label), {{"{operation}", std::string(operation)}});
    measure.unit = std::string(row->unit);
    measure.timing = row->timing;
    measure.better = row->better;
  } else {
    measure.label = measure.name;
  }
  return measure;
}

}  // namespace heapwise::runner
