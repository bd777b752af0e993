#ifndef HEAPWISE_TESTING_EVENTUALLY_H_
#define HEAPWISE_TESTING_EVENTUALLY_H_

#include <chrono>
#include <thread>

namespace heapwise::test {

// For what another thread does: whether the condition comes to be true within a minute. It is asked each millisecond.
template <class Condition>
bool Eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace heapwise::test

#endif  // HEAPWISE_TESTING_EVENTUALLY_H_
