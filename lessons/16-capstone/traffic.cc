#include "lessons/16-capstone/traffic.h"

#include <algorithm>
#include <random>
#include <utility>

#include "heapwise/mem_stats.h"
#include "lessons/16-capstone/catalogue.h"

namespace {

// Every eighth product has a long name.
int OfKind(int number, Mix::Names names) {
  switch (names) {
    case Mix::Names::kShort:
      return number | 1;
    case Mix::Names::kLong:
      return number & ~7;
    case Mix::Names::kAny:
      break;
  }
  return number;
}

}  // namespace

std::vector<std::string> MakeTrace(uint64_t seed, int64_t requests, Mix mix) {
  std::mt19937_64 random(seed);
  const auto below = [&random](int n) { return static_cast<int>(random() % n); };
  std::vector<std::string> trace;
  for (int64_t i = 0; i < requests; ++i) {
    std::string request;
    const int names = below(16) < mix.empty ? 0 : 1 + below(mix.max_names);
    for (int name = 0; name < names; ++name) {
      if (name > 0) request += ',';
      // The catalogue has no product of the numbers from kProducts on.
      const int number = OfKind(below(kProducts), mix.names);
      request += ProductName(number + (below(16) < mix.unknown ? kProducts : 0));
    }
    trace.push_back(std::move(request));
  }
  return trace;
}

void Clients::Send(std::vector<std::string> trace) {
  trace_ = std::move(trace);
  requests_ = static_cast<int64_t>(trace_.size());
  rush_begin_ = requests_ / 2;
  rush_end_ = rush_begin_ + requests_ / 10;
  sent_ = 0;
  waiting_.clear();
  waiting_.reserve(rush_end_ - rush_begin_ + 1);
  peak_memory_ = 0;
  LookAtMemory();
}

void Clients::LookAtMemory() {
  const auto memory =
      static_cast<int64_t>(heapwise::runtime::ReadHeapCounters().sys_minus_released);
  peak_memory_ = std::max(peak_memory_, memory);
}
