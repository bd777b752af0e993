#include <cstdint>
#include <memory>
#include <string>

#include "benchmarks/harness/lesson.h"
#include "lessons/12-container-headroom/lesson.h"

namespace {

// One operation: the service, from its start to its end, in a container of its own.
struct Run {
  ContainerKind kind;
  Pod pod;
  int connections;
  std::shared_ptr<Outcome> outcome = std::make_shared<Outcome>();

  void operator()() const { *outcome = RunService(kind, pod, connections); }
};

// Adds what the lesson measures of its own.
void Measure(const Run& run, heapwise::bench::Variant& variant) {
  const auto report = [&](const std::string& measure, double (*read)(const Outcome&)) {
    variant.Report(measure, [outcome = run.outcome, read] { return read(*outcome); });
  };
  report("survived", [](const Outcome& o) { return o.ended.survived() ? 1.0 : 0.0; });
  report("exit_status", [](const Outcome& o) { return static_cast<double>(o.ended.status); });
  report("peak_bytes", [](const Outcome& o) { return static_cast<double>(o.peak); });
  report("collector_bytes", [](const Outcome& o) { return static_cast<double>(o.heap_peak); });
  report("outside_bytes",
         [](const Outcome& o) { return static_cast<double>(o.peak - o.heap_peak); });
  report("service_collections",
         [](const Outcome& o) { return static_cast<double>(o.collections); });
  variant.Operations(1);
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.NoWarmUp();
  const ContainerKind kind = PermittedKind();
  benchmark::AddCustomContext("container", DescribeKind(kind));
  // The same number for all variants of a block: only the limit differs.
  const int connections = ConnectionsOf(lesson.seed());

  const Run slow = {kind, slow::Deploy(), connections};
  const Run fast = {kind, fast::Deploy(), connections};
  Measure(slow, lesson.Slow(slow));
  Measure(fast, lesson.Fast(fast));

  const auto add = [&](const std::string& name, int64_t gomemlimit, int open_connections) {
    const Run run = {kind, {kContainerBytes, gomemlimit}, open_connections};
    Measure(run, lesson.Add(name, run));
  };
  add("none", kNoLimit, connections);
  for (const int64_t percent : {80, 85, 88, 94, 96, 98}) {
    add("limit_" + std::to_string(percent), kContainerBytes * percent / 100, connections);
  }
  add("busy", fast::Deploy().gomemlimit, connections + kMostConnections);
}
