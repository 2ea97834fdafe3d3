// Random numbers: our own counter-based streams, and the streams of the programs that Palate
// reproduces.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <span>

#include "palate/base/index.h"

namespace palate {

// A counter-based stream of 32-bit words: Philox4x32-10. Streams with different (seed, stream) are
// independent, and a stream is cheap to make, so that every user, block or epoch has its own and
// the result does not depend on who computes it.
//
// J. Salmon, M. Moraes, R. Dror, D. Shaw. Parallel random numbers: as easy as 1, 2, 3. SC 2011.
class Rng {
 public:
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint32_t next();
  double uniform();                      // in [0, 1), 53 random bits
  Index below(Index bound);              // 0 .. bound - 1, all equally likely; bound > 0
  double normal();                       // mean 0, variance 1 (Box and Muller)
  void shuffle(std::span<Index> items);  // every order equally likely (Fisher and Yates)

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;  // words of block_ that have been given out
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

// numpy.random.RandomState(seed).shuffle: scikit-learn's and Surprise's splits follow it bit for
// bit.
void numpy_shuffle(std::span<Index> items, std::uint32_t seed);

// torch.manual_seed(seed), then torch.rand: one 32-bit draw of MT19937 a float, its low 24 bits x
// 2^-24.
class TorchUniform {
 public:
  explicit TorchUniform(std::uint32_t seed) : engine_(seed) {}
  float next() { return static_cast<float>(engine_() & 0xFFFFFFU) * 0x1p-24F; }

 private:
  std::mt19937 engine_;
};

}  // namespace palate
