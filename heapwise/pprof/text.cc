#include <sys/resource.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "heapwise/mem_stats.h"
#include "heapwise/pprof/profile.h"
#include "heapwise/pprof/sampler.h"
#include "heapwise/pprof/symbolizer.h"

namespace heapwise::pprof {
namespace {

std::string Hex(uintptr_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

void WriteCounts(std::ostream& out, const Sample& sample) {
  out << static_cast<int64_t>(sample.inuse_objects) << ": "
      << static_cast<int64_t>(sample.inuse_bytes) << " ["
      << static_cast<int64_t>(sample.alloc_objects) << ": "
      << static_cast<int64_t>(sample.alloc_bytes) << "] @";
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
  Sample total;
  std::vector<const Sample*> samples;
  for (const Sample& sample : profile.samples) {
    total.inuse_objects += sample.inuse_objects;
    total.inuse_bytes += sample.inuse_bytes;
    total.alloc_objects += sample.alloc_objects;
    total.alloc_bytes += sample.alloc_bytes;
    samples.push_back(&sample);
  }
  std::ranges::stable_sort(samples, [](const Sample* a, const Sample* b) {
    return static_cast<int64_t>(a->inuse_bytes) > static_cast<int64_t>(b->inuse_bytes);
  });

  // pprof takes a profile in which the two are equal for one that does not tell them apart, so Go adds a byte where
  // they are (Go 1.27, pprof.go:685).
  if (static_cast<int64_t>(total.inuse_bytes) == static_cast<int64_t>(total.alloc_bytes)) {
    ++total.alloc_bytes;
  }

  std::ostringstream out;
  out << "heap profile: ";
  WriteCounts(out, total);
  // Twice the rate, which is what readers of this format expect (pprof.go:583).
  out << " heap/" << 2 * profile.rate << '\n';
  for (const Sample* sample : samples) {
    WriteCounts(out, *sample);
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
