// Synthetic measurements for the tests: blocks of two variants with a known true ratio.
//
// The transforms are our own, because the standard library's distributions differ between
// implementations: a seed gives the same sample everywhere. Not thread-safe.
#ifndef HEAPWISE_BENCHMARKS_STATS_SYNTHETIC_H_
#define HEAPWISE_BENCHMARKS_STATS_SYNTHETIC_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace heapwise::stats {

// The shapes of noise, centred on zero; Synthetic::Draw() scales them.
enum class Noise {
  kNormal,
  kLognormal,    // skewed: exp(normal) - 1
  kStudent,      // Student's t with 2 degrees of freedom: symmetric, infinite variance
  kInterrupted,  // a tenth of the measurements meet another process: always slower, 10 times the
                 // scale
};

// Measurements of two variants: of[i] and over[i] were taken in block i.
struct Blocks {
  std::vector<double> of;
  std::vector<double> over;
};

class Synthetic {
 public:
  explicit Synthetic(std::uint64_t seed) : engine_(seed) {}

  // Uniform on (0, 1).
  double Uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1p-53; }

  std::size_t Index(std::size_t size) { return static_cast<std::size_t>(engine_() % size); }

  double Normal() {
    const double radius = std::sqrt(-2 * std::log(Uniform()));
    return radius * std::cos(2 * std::numbers::pi * Uniform());
  }

  double Draw(Noise noise, double scale) {
    switch (noise) {
      case Noise::kNormal:
        return scale * Normal();
      case Noise::kLognormal:
        return scale * std::expm1(Normal());
      case Noise::kStudent: {
        const double u = Uniform();
        return scale * (2 * u - 1) / std::sqrt(2 * u * (1 - u));
      }
      case Noise::kInterrupted: {
        const double interruption = Uniform() < 0.1 ? -10 * std::log(Uniform()) : 0;
        return scale * (Normal() + interruption);
      }
    }
    return 0;
  }

  // Appends blocks up to `count`: a machine whose speed drifts from block to block (the drift is
  // common to both variants), each measurement with its own noise of relative size `scale`.
  void Extend(Blocks& blocks, std::size_t count, double true_ratio, Noise noise, double scale) {
    while (blocks.of.size() < count) {
      const double speed = 100 * std::exp(0.2 * Normal());
      blocks.of.push_back(speed * true_ratio * std::exp(Draw(noise, scale)));
      blocks.over.push_back(speed * std::exp(Draw(noise, scale)));
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace heapwise::stats

#endif  // HEAPWISE_BENCHMARKS_STATS_SYNTHETIC_H_
