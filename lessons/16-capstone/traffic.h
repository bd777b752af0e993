// The load: traces of requests, and the clients that send them.
#ifndef HEAPWISE_LESSONS_16_CAPSTONE_TRAFFIC_H_
#define HEAPWISE_LESSONS_16_CAPSTONE_TRAFFIC_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heapwise/heap.h"

// What a trace is made of.
struct Mix {
  enum class Names { kAny, kShort, kLong };

  int max_names = 8;  // a request has 1 to so many
  Names names = Names::kAny;
  int empty = 0;    // of 16 requests so many
  int unknown = 1;  // of 16 names so many
};

// So many requests. The same seed gives the same trace, another seed another.
std::vector<std::string> MakeTrace(uint64_t seed, int64_t requests, Mix mix = {});

using Answerer = std::string_view (*)(std::string_view request);

// The clients of the service. They send the requests of a trace, over and over. In the rush, a tenth
// of the trace from its middle on, they are slow to fetch their answers: all of these wait until the
// rush is over. At other times an answer is fetched before the next request is sent.
//
// For one thread. It holds on to the answers, so it must lie where the collector looks: on a stack or
// in a static variable.
class Clients {
 public:
  // Starts at the trace's first request, which must exist, with no answer waiting.
  void Send(std::vector<std::string> trace);

  // Has the next request answered.
  void Next(Answerer answer) {
    const int64_t at = sent_++ % requests_;
    if (at < rush_begin_ || at >= rush_end_) waiting_.clear();
    waiting_.push_back(answer(trace_[at]));
    if (sent_ % 16 == 0) LookAtMemory();
  }

  // The most memory, in bytes, that the collector has held since Send, counted as a memory limit
  // counts it: Sys - HeapReleased. Looked at after every sixteenth request.
  int64_t peak_memory() const { return peak_memory_; }

 private:
  void LookAtMemory();

  std::vector<std::string> trace_;
  std::vector<std::string_view, heapwise::runtime::Allocator<std::string_view>> waiting_;
  int64_t requests_ = 0;
  int64_t rush_begin_ = 0;
  int64_t rush_end_ = 0;
  int64_t sent_ = 0;
  int64_t peak_memory_ = 0;
};

#endif  // HEAPWISE_LESSONS_16_CAPSTONE_TRAFFIC_H_
