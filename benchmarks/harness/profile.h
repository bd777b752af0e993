// The heap profiles of a lesson program that is asked for them with --heapwise_profile=FILE. A lesson that has an
// icicle chart is linked with the profiler (cmake/lesson.cmake); in the others these functions do nothing.
#ifndef HEAPWISE_BENCHMARKS_HARNESS_PROFILE_H_
#define HEAPWISE_BENCHMARKS_HARNESS_PROFILE_H_

#include <cstdint>
#include <string>

namespace heapwise::bench {

// Writes the heap profile as it is now, after a collection, to FILE with ".name" before its extension:
// "mem.early.pb.gz". Does nothing where no profile was asked for. The harness itself writes FILE at the end. A body
// that runs more than once replaces the file. `name` holds a-z, 0-9 and -, and is not "end". Ends the
// program with a message where the name or the file is bad.
void SaveProfile(const std::string& name);

// For main(). Before anything is measured: starts to profile, one sample in `rate` bytes, where `file` is
// not empty, and else turns the profiler off, which samples from the start of a program. False, and said so, where
// a profile is asked for and the program has no profiler.
bool StartProfile(const std::string& file, int64_t rate);
// After everything was measured: writes FILE where there is one.
void FinishProfile();

namespace internal {

struct Profiler {
  void (*set_rate)(int64_t bytes);
  std::string (*write)(const std::string& path);  // what went wrong; empty: nothing
};
void SetProfiler(const Profiler* profiler);

}  // namespace internal
}  // namespace heapwise::bench

#endif  // HEAPWISE_BENCHMARKS_HARNESS_PROFILE_H_
