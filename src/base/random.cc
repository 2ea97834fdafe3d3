#include "base/random.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace palate {
namespace {

constexpr std::uint32_t high(std::uint64_t product) {
  return static_cast<std::uint32_t>(product >> 32);
}
constexpr std::uint32_t low(std::uint64_t product) { return static_cast<std::uint32_t>(product); }

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> x,
                                    std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53U} * x[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * x[2];
    x = {high(b) ^ x[1] ^ key[0], low(b), high(a) ^ x[3] ^ key[1], low(a)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return x;
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t stream)
    : key_{low(seed), high(seed)}, counter_{0, 0, low(stream), high(stream)} {}

std::uint32_t Rng::next() {
  if (used_ == block_.size()) {
    block_ = philox(counter_, key_);
    used_ = 0;
    if (++counter_[0] == 0) ++counter_[1];
  }
  return block_[used_++];
}

double Rng::uniform() {
  const std::uint64_t bits = (std::uint64_t{next()} << 32) | next();
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

// D. Lemire. Fast random integer generation in an interval. TOMACS 2019.
Index Rng::below(Index bound) {
  std::uint64_t product = std::uint64_t{next()} * bound;
  if (low(product) < bound) {
    const Index threshold = (0U - bound) % bound;
    while (low(product) < threshold) product = std::uint64_t{next()} * bound;
  }
  return high(product);
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

void Rng::shuffle(std::span<Index> items) {
  for (Index last = static_cast<Index>(items.size()); last > 1; --last)
    std::swap(items[last - 1], items[below(last)]);
}

void numpy_shuffle(std::span<Index> items, std::uint32_t seed) {
  std::mt19937 engine(seed);
  // Masked rejection: the generator's words, cut to the bits that the bound needs, until one is not
  // above it.
  for (Index last = static_cast<Index>(items.size()); last-- > 1;) {
    const Index mask = static_cast<Index>((std::uint64_t{1} << std::bit_width(last)) - 1);
    Index other = static_cast<Index>(engine()) & mask;
    while (other > last) other = static_cast<Index>(engine()) & mask;
    std::swap(items[last], items[other]);
  }
}

}  // namespace palate
