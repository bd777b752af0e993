#include <sys/resource.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "heapwise/mem_stats.h"
#include "heapwise/pprof/demangle.h"
#include "heapwise/pprof/hooks.h"
#include "heapwise/pprof/profile.h"
#include "heapwise/pprof/scale.h"
#include "heapwise/pprof/symbolizer.h"

namespace heapwise::pprof {
namespace {

std::string Hex(uintptr_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

// The least rate of the samples: then no count has to become smaller, down to none.
int64_t RateOf(const Profile& profile) {
  if (profile.samples.empty()) return profile.rate;
  return std::ranges::min_element(profile.samples, {}, &Sample::rate)->rate;
}

// One line of the form, or all of them together.
struct Counts {
  internal::Estimate inuse{0, 0};
  internal::Estimate alloc{0, 0};

  Counts& operator+=(const Counts& other) {
    inuse.objects += other.inuse.objects;
    inuse.bytes += other.inuse.bytes;
    alloc.objects += other.alloc.objects;
    alloc.bytes += other.alloc.bytes;
    return *this;
  }
};

Counts CountsOf(const Sample& sample, int64_t rate) {
  const auto at_rate = [&sample, rate](uint64_t objects, uint64_t bytes) {
    return internal::ConvertHeapSample(static_cast<int64_t>(objects), static_cast<int64_t>(bytes),
                                       sample.rate, rate);
  };
  return {.inuse = at_rate(sample.inuse_objects, sample.inuse_bytes),
          .alloc = at_rate(sample.alloc_objects, sample.alloc_bytes)};
}

void WriteCounts(std::ostream& out, const Counts& counts) {
  out << counts.inuse.objects << ": " << counts.inuse.bytes << " [" << counts.alloc.objects << ": "
      << counts.alloc.bytes << "] @";
}

void WriteArray(std::ostream& out, const char* name, const uint64_t (&values)[256]) {
  out << "# " << name << " = [";
  for (size_t i = 0; i < 256; ++i) out << (i == 0 ? "" : " ") << values[i];
  out << "]\n";
}

void WriteMemStats(std::ostream& out) {
  runtime::MemStats m;
  runtime::ReadMemStats(&m);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  out << "\n# runtime.MemStats\n"
      << "# Alloc = " << m.Alloc << "\n# TotalAlloc = " << m.TotalAlloc << "\n# Sys = " << m.Sys
      << "\n# Lookups = " << m.Lookups << "\n# Mallocs = " << m.Mallocs << "\n# Frees = " << m.Frees
      << "\n# HeapAlloc = " << m.HeapAlloc << "\n# HeapSys = " << m.HeapSys
      << "\n# HeapIdle = " << m.HeapIdle << "\n# HeapInuse = " << m.HeapInuse
      << "\n# HeapReleased = " << m.HeapReleased << "\n# HeapObjects = " << m.HeapObjects
      << "\n# Stack = " << m.StackInuse << " / " << m.StackSys << "\n# MSpan = " << m.MSpanInuse
      << " / " << m.MSpanSys << "\n# MCache = " << m.MCacheInuse << " / " << m.MCacheSys
      << "\n# BuckHashSys = " << m.BuckHashSys << "\n# GCSys = " << m.GCSys
      << "\n# OtherSys = " << m.OtherSys << "\n# NextGC = " << m.NextGC
      << "\n# LastGC = " << m.LastGC << '\n';
  WriteArray(out, "PauseNs", m.PauseNs);
  WriteArray(out, "PauseEnd", m.PauseEnd);
  out << "# NumGC = " << m.NumGC << "\n# NumForcedGC = " << m.NumForcedGC
      << "\n# GCCPUFraction = " << m.GCCPUFraction
      << "\n# DebugGC = false\n# MaxRSS = " << static_cast<int64_t>(usage.ru_maxrss) * 1024 << '\n';
}

}  // namespace

std::string Text(const Profile& profile) {
  internal::Unsampled quiet;
  const int64_t rate = RateOf(profile);
  Counts total;
  std::vector<std::pair<Counts, const Sample*>> samples;
  for (const Sample& sample : profile.samples) {
    samples.emplace_back(CountsOf(sample, rate), &sample);
    total += samples.back().first;
  }
  // The least in use first (pprof.go:663).
  std::ranges::stable_sort(samples, {},
                           [](const auto& sample) { return sample.first.inuse.bytes; });

  // pprof takes a profile in which the two are equal for one that does not tell them apart, so Go adds a byte where
  // they are (pprof.go:685).
  if (total.inuse.bytes == total.alloc.bytes) ++total.alloc.bytes;

  std::ostringstream out;
  out << "heap profile: ";
  WriteCounts(out, total);
  // Twice the rate, which is what readers of this format expect (pprof.go:680).
  out << " heap/" << 2 * rate << '\n';
  for (const auto& [counts, sample] : samples) {
    WriteCounts(out, counts);
    const std::vector<internal::Call> calls = internal::VisibleCalls(sample->stack);
    // Return addresses, as in Go: pprof takes one off each, and the first is the function that allocates.
    for (const internal::Call& call : calls) out << ' ' << Hex(call.address + 1);
    out << '\n';
    for (const internal::Call& call : calls) {
      if (call.frames.empty()) out << "#\t" << Hex(call.address) << '\n';
      for (const internal::Frame& frame : call.frames) {
        out << "#\t" << Hex(call.address) << '\t' << internal::Demangle(frame.function) << '+'
            << Hex(frame.offset) << '\t' << frame.file << ':' << frame.line << '\n';
      }
    }
    out << '\n';
  }
  WriteMemStats(out);
  return out.str();
}

}  // namespace heapwise::pprof
