#include "benchmarks/harness/profile.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "heapwise/heap.h"

namespace heapwise::bench {
namespace {

constinit const internal::Profiler* profiler = nullptr;

std::string& File() {
  static std::string file;
  return file;
}

// "mem.pb.gz" with "early" is "mem.early.pb.gz".
std::string Named(const std::string& file, const std::string& name) {
  constexpr std::string_view kUsual = ".pb.gz";
  size_t at = file.size();
  if (file.ends_with(kUsual)) {
    at -= kUsual.size();
  } else if (const size_t dot = file.rfind('.'); dot != std::string::npos) {
    const size_t slash = file.rfind('/');
    if (dot > (slash == std::string::npos ? 0 : slash + 1)) at = dot;
  }
  return file.substr(0, at) + "." + name + file.substr(at);
}

void Write(const std::string& file) {
  runtime::GC();
  const std::string error = profiler->write(file);
  if (error.empty()) return;
  std::fprintf(stderr, "--heapwise_profile: %s\n", error.c_str());
  std::exit(2);
}

}  // namespace

bool StartProfile(const std::string& file, int64_t rate) {
  if (profiler == nullptr) {
    if (file.empty()) return true;
    std::fprintf(stderr,
                 "--heapwise_profile=%s: this program has no profiler: its lesson.json declares no "
                 "icicle chart\n",
                 file.c_str());
    return false;
  }
  File() = file;
  profiler->set_rate(file.empty() ? 0 : rate);
  return true;
}

void FinishProfile() {
  if (!File().empty()) Write(File());
}

void SaveProfile(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (name.empty() || name == "end" || !plain) {
    std::fprintf(stderr, "SaveProfile(\"%s\"): must be a name of a-z, 0-9 and -, and not \"end\"\n",
                 name.c_str());
    std::exit(2);
  }
  if (!File().empty()) Write(Named(File(), name));
}

namespace internal {

void SetProfiler(const Profiler* linked) { profiler = linked; }

}  // namespace internal
}  // namespace heapwise::bench
