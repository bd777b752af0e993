// Two ways to put a service under load, and what each notes of a request.
//
//   OpenLoop    Requests are due at a fixed rate, as those of many users who know nothing of each other. Request i is
//               due at start + i x interval, whatever became of those before it, and its latency counts from then on.
//   ClosedLoop  The next request is sent when the answer to the last one is there, as in a batch. Its latency counts
//               from when it was sent.
//
// A closed loop cannot see what a stall does to users: while the service stands still, it sends nothing. That is called
// coordinated omission (Gil Tene): the load tester waits politely together with the service that it tests.
//
// One thread is both the users and the service. No thread of its own sends the requests: the times at which they are
// due are known beforehand, so one that was due while the service stood still is served late and counted in full.
#ifndef HEAPWISE_LESSONS_15_TUNING_STRATEGIES_LOAD_H_
#define HEAPWISE_LESSONS_15_TUNING_STRATEGIES_LOAD_H_

#include <cstdint>
#include <span>
#include <vector>

// Times are nanoseconds since some moment in the past.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t Now() = 0;
  // Returns at once where it is later already.
  virtual void WaitUntil(int64_t ns) = 0;
};

// CLOCK_MONOTONIC. Waits by looking at it again and again: a sleep would be measured too, because it often lasts 50 us
// longer than it was asked to.
class WatchedClock : public Clock {
 public:
  int64_t Now() override;
  void WaitUntil(int64_t ns) override;
};

// How many of these latencies are longer than `target_ns`.
int64_t CountLate(std::span<const int64_t> latencies_ns, int64_t target_ns);

class OpenLoop {
 public:
  // Room for so many latencies is set aside, so that noting them allocates nothing.
  OpenLoop(Clock& clock, int64_t interval_ns, int64_t requests)
      : clock_(clock), interval_ns_(interval_ns) {
    latencies_ns_.reserve(requests);
  }

  // Waits until the next request is due and calls `serve` for it. The first one is due at once.
  template <class Serve>
  void Next(const Serve& serve) {
    if (latencies_ns_.empty()) due_ns_ = clock_.Now();
    clock_.WaitUntil(due_ns_);
    serve();
    latencies_ns_.push_back(clock_.Now() - due_ns_);
    due_ns_ += interval_ns_;
  }

  // Of each request, in the order in which they were served.
  const std::vector<int64_t>& latencies_ns() const { return latencies_ns_; }

 private:
  Clock& clock_;
  const int64_t interval_ns_;
  int64_t due_ns_ = 0;
  std::vector<int64_t> latencies_ns_;
};

class ClosedLoop {
 public:
  ClosedLoop(Clock& clock, int64_t requests) : clock_(clock) { latencies_ns_.reserve(requests); }

  template <class Serve>
  void Next(const Serve& serve) {
    const int64_t sent_ns = clock_.Now();
    serve();
    latencies_ns_.push_back(clock_.Now() - sent_ns);
  }

  // Of each request, in the order in which they were served.
  const std::vector<int64_t>& latencies_ns() const { return latencies_ns_; }

 private:
  Clock& clock_;
  std::vector<int64_t> latencies_ns_;
};

#endif  // HEAPWISE_LESSONS_15_TUNING_STRATEGIES_LOAD_H_
