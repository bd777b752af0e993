#include "benchmarks/stats/synthetic.h"

#include <cmath>
#include <numbers>
#include <random>

#include "gtest/gtest.h"

namespace heapwise::stats {
namespace {

// What the generator's numbers stand for, by a second computation: 53 bits of each, centred in their interval.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : engine_(seed) {}
  double Uniform() {
    return std::ldexp(static_cast<double>(engine_() / 2048), -53) + std::ldexp(1.0, -54);
  }
  // Box and Muller (1958).
  double Normal() {
    const double u = Uniform();
    const double v = Uniform();
    return std::sqrt(std::log(1 / (u * u))) * std::cos(v * std::numbers::pi * 2);
  }

 private:
  std::mt19937_64 engine_;
};

void ExpectNear(double actual, double expected) {
  EXPECT_NEAR(actual, expected, 1e-12 * (1 + std::abs(expected)));
}

TEST(Synthetic, UniformsAndNormals) {
  Synthetic random(7);
  Numbers numbers(7);
  for (int i = 0; i < 100; ++i) {
    ExpectNear(random.Uniform(), numbers.Uniform());
    ExpectNear(random.Normal(), numbers.Normal());
  }
  std::mt19937_64 engine(3);
  Synthetic indices(3);
  for (const std::size_t size : {1u, 2u, 7u, 1000u})
    EXPECT_EQ(indices.Index(size), engine() % size);
}

TEST(Synthetic, NoiseHasItsShapeAndScale) {
  Synthetic random(1);
  Numbers numbers(1);
  for (int i = 0; i < 50; ++i) {
    ExpectNear(random.Draw(Noise::kNormal, 3), 3 * numbers.Normal());
    ExpectNear(random.Draw(Noise::kLognormal, 3), 3 * (std::exp(numbers.Normal()) - 1));
    // The quantile function of t with 2 degrees of freedom (Jones 2002).
    const double u = numbers.Uniform();
    ExpectNear(random.Draw(Noise::kStudent, 3), 3 * (u - 0.5) * std::sqrt(2 / (u * (1 - u))));
  }
}

TEST(Synthetic, ATenthIsInterrupted) {
  Synthetic random(2);
  Numbers numbers(2);
  int interrupted = 0;
  for (int i = 0; i < 1000; ++i) {
    double delay = 0;
    if (numbers.Uniform() < 0.1) {
      delay = 10 * std::log(1 / numbers.Uniform());
      ++interrupted;
    }
    ExpectNear(random.Draw(Noise::kInterrupted, 3), 3 * (numbers.Normal() + delay));
  }
  EXPECT_NEAR(interrupted, 100, 60);
}

TEST(Synthetic, BothVariantsOfABlockShareItsSpeed) {
  Synthetic random(5);
  Numbers numbers(5);
  Blocks blocks;
  random.Extend(blocks, 3, 1.5, Noise::kNormal, 0);
  random.Extend(blocks, 20, 1.5, Noise::kNormal, 0.01);
  random.Extend(blocks, 10, 1.5, Noise::kNormal, 0.01);
  ASSERT_EQ(blocks.of.size(), 20u);
  ASSERT_EQ(blocks.over.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) {
    const double scale = i < 3 ? 0 : 0.01;
    const double speed = 100 * std::exp(numbers.Normal() / 5);
    ExpectNear(blocks.of[i], 1.5 * speed * std::exp(scale * numbers.Normal()));
    ExpectNear(blocks.over[i], speed * std::exp(scale * numbers.Normal()));
  }
}

}  // namespace
}  // namespace heapwise::stats
