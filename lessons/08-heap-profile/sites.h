// What a heap profile says of this lesson's own lines, as numbers.
#ifndef HEAPWISE_LESSONS_08_HEAP_PROFILE_SITES_H_
#define HEAPWISE_LESSONS_08_HEAP_PROFILE_SITES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "heapwise/pprof/profile.h"

// A line that allocates. Bytes are scaled up: a sample of `size` bytes stands for
// 1 / (1 - exp(-size / rate)) allocations; at rate 1 for itself.
struct Site {
  std::string function;
  std::string line;  // "slow.cc:7"
  double alloc_bytes = 0;
  double inuse_bytes = 0;
};

// The lines of the lesson's functions, the one that allocated most first. bench.cc and test.cc are
// left out: what they allocate is no part of the programs that are profiled.
std::vector<Site> Sites(const heapwise::pprof::Profile& profile);

// The site of that line; one without bytes where the profile has none.
Site SiteAt(const heapwise::pprof::Profile& profile, const std::string& line);

// How far the estimate for a line lies from the truth, typically: the standard deviation, in bytes,
// where the line ran `times` and made one allocation of each of these sizes every time. An allocation
// is sampled with p = 1 - exp(-size / rate), whatever happens to the others, and then counts 1 / p
// times: the variance is the sum of size^2 * (1 - p) / p.
double SigmaBytes(int64_t times, const std::vector<double>& sizes, double rate);

#endif  // HEAPWISE_LESSONS_08_HEAP_PROFILE_SITES_H_
