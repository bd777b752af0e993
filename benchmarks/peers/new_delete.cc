// Nanoseconds per object of 32 bytes by new with delete, with whatever allocator the process was started with:
// LD_PRELOAD=/lib/x86_64-linux-gnu/libtcmalloc.so.4 build/bin/peers_new_delete --needs=tc_version
//
// The last line of its output is a JSON object.

#include <dlfcn.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "benchmarks/peers/rounds.h"

ABSL_FLAG(int, rounds, 16, "how often 2.5 ms are measured, from 1 to 10000");
ABSL_FLAG(std::string, needs, "",
          "fail where no loaded library has this symbol: the dynamic linker leaves out a library "
          "that it does not find");

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Measures new with delete.");
  absl::ParseCommandLine(argc, argv);
  const int rounds = absl::GetFlag(FLAGS_rounds);
  if (rounds < 1 || rounds > 10'000) {
    std::fprintf(stderr, "peers_new_delete: --rounds must be from 1 to 10000, not %d\n", rounds);
    return 2;
  }
  const std::string needs = absl::GetFlag(FLAGS_needs);
  if (!needs.empty() && dlsym(RTLD_DEFAULT, needs.c_str()) == nullptr) {
    std::fprintf(stderr, "peers_new_delete: no loaded library has '%s'\n", needs.c_str());
    return 1;
  }
  heapwise::peers::RoundNs(heapwise::peers::kNewDelete);
  std::vector<double> ns;
  for (int i = 0; i < rounds; ++i)
    ns.push_back(heapwise::peers::RoundNs(heapwise::peers::kNewDelete));
  std::printf("{\"new_delete\": %.4f}\n", heapwise::peers::Median(ns));
  return 0;
}
