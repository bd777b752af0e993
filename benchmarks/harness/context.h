// The conditions of a run that the program itself knows, in Google Benchmark's context: compiler, build type and
// flags as it was compiled, the collector's settings, the environment variables that steer it.
#ifndef HEAPWISE_BENCHMARKS_HARNESS_CONTEXT_H_
#define HEAPWISE_BENCHMARKS_HARNESS_CONTEXT_H_

namespace heapwise::bench {

// Adds them by benchmark::AddCustomContext. Call once, before the benchmarks run.
void AddConditions();

}  // namespace heapwise::bench

#endif  // HEAPWISE_BENCHMARKS_HARNESS_CONTEXT_H_
