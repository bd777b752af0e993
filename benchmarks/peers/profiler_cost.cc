// What the heap profiler costs where nothing is done but allocate: nanoseconds per object of 32 bytes, by New and
// by new with delete, with the profiler off, at the default rate, and with every allocation sampled. The rates
// take turns within the process, so that its layout in memory is the same for all of them.
//
// The last line of its output is a JSON object.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "benchmarks/peers/rounds.h"
#include "heapwise/heap.h"
#include "heapwise/pprof/profile.h"

ABSL_FLAG(int, rounds, 240,
          "how often 2.5 ms are measured without and with the profiler, from 1 to 10000");

namespace {

using heapwise::peers::kNewDelete;
using heapwise::peers::Median;
using heapwise::peers::RoundNs;

constexpr auto kNew = []<class T>(T*& slot) { slot = heapwise::runtime::New<T>(); };

uint64_t Sampled() {
  heapwise::runtime::GC();  // publishes the profile
  uint64_t sampled = 0;
  for (const heapwise::pprof::Sample& sample : heapwise::pprof::HeapProfile().samples) {
    sampled += sample.alloc_objects;
  }
  return sampled;
}

constexpr int64_t kDefaultRate = 512 << 10;

template <class Allocate>
double RoundAt(int64_t rate, Allocate allocate) {
  heapwise::pprof::SetMemProfileRate(rate);
  const double ns = RoundNs(allocate);
  heapwise::pprof::SetMemProfileRate(0);
  return ns;
}

// Prints the fields of off and the default rate, which alternate.
template <class Allocate>
void MeasureDefault(const char* name, Allocate allocate, int rounds) {
  std::vector<double> off;
  std::vector<double> on;
  RoundAt(0, allocate);
  for (int i = 0; i < rounds; ++i) {
    if (i % 2 == 0) off.push_back(RoundAt(0, allocate));
    on.push_back(RoundAt(kDefaultRate, allocate));
    if (i % 2 == 1) off.push_back(RoundAt(0, allocate));
  }
  std::printf("\"%s/off\": %.4f, \"%s/512KiB\": %.4f, ", name, Median(off), name, Median(on));
}

template <class Allocate>
void MeasureEvery(const char* name, Allocate allocate, int rounds) {
  std::vector<double> every;
  for (int i = 0; i < rounds; ++i) every.push_back(RoundAt(1, allocate));
  std::printf("\"%s/every\": %.4f, ", name, Median(every));
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Measures what the heap profiler costs an allocation.");
  absl::ParseCommandLine(argc, argv);
  const int rounds = absl::GetFlag(FLAGS_rounds);
  if (rounds < 1 || rounds > 10'000) {
    std::fprintf(stderr, "profiler_cost: --rounds must be from 1 to 10000, not %d\n", rounds);
    return 2;
  }
  std::printf("{");
  MeasureDefault("ours", kNew, rounds);
  MeasureDefault("new_delete", kNewDelete, rounds);
  // Last, for it leaves large tables; fewer rounds, since nobody asks for it to a percent.
  MeasureEvery("ours", kNew, std::max(1, rounds / 10));
  MeasureEvery("new_delete", kNewDelete, std::max(1, rounds / 10));
  std::printf("\"samples\": %llu}\n", static_cast<unsigned long long>(Sampled()));
  return 0;
}
