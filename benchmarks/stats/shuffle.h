// Random order by a recorded seed.
#ifndef HEAPWISE_BENCHMARKS_STATS_SHUFFLE_H_
#define HEAPWISE_BENCHMARKS_STATS_SHUFFLE_H_

#include <cstddef>
#include <random>
#include <utility>
#include <vector>

namespace heapwise::stats {

// Puts the values into an order that `random` decides (Fisher and Yates; Knuth, The Art of Computer Programming 2,
// algorithm 3.4.2P). Not std::shuffle, whose order the standard leaves to the library: a recorded seed must mean the
// same everywhere. The generator's numbers are laid down by the standard.
template <class T>
void Shuffle(std::vector<T>& values, std::mt19937_64& random) {
  for (size_t left = values.size(); left > 1; --left) {
    std::swap(values[left - 1], values[random() % left]);
  }
}

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_SHUFFLE_H_
