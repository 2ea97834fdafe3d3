#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "data/recorded_list.h"

namespace palate {
namespace {

std::vector<std::uint32_t> words(Rng rng, std::size_t count) {
  std::vector<std::uint32_t> result(count);
  for (std::uint32_t& word : result) word = rng.next();
  return result;
}

TEST(Rng, GivesTheKnownAnswerOfPhilox) {
  // From the authors' kat_vectors: philox4x32, 10 rounds, counter and key zero.
  EXPECT_EQ(words(Rng(0), 4),
            (std::vector<std::uint32_t>{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}));
}

// The paper's round, word by word, on (counter, 0, low stream, high stream) with the key (low seed,
// high seed).
std::array<std::uint32_t, 4> plain_philox(std::uint64_t seed, std::uint64_t stream,
                                          std::uint32_t counter) {
  std::uint32_t x[4] = {counter, 0, static_cast<std::uint32_t>(stream),
                        static_cast<std::uint32_t>(stream >> 32)};
  std::uint32_t k[2] = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53U} * x[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * x[2];
    const std::uint32_t next[4] = {
        static_cast<std::uint32_t>(b >> 32) ^ x[1] ^ k[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ x[3] ^ k[1], static_cast<std::uint32_t>(a)};
    std::ranges::copy(next, x);
    k[0] += 0x9E3779B9U;
    k[1] += 0xBB67AE85U;
  }
  return {x[0], x[1], x[2], x[3]};
}

TEST(Rng, CountsBlocksAndTakesAllBitsOfSeedAndStream) {
  for (const std::uint64_t seed : {0ULL, 1ULL, 0x0123456789ABCDEFULL, ~0ULL}) {
    for (const std::uint64_t stream : {0ULL, 1ULL, 0xFEDCBA9876543210ULL, ~0ULL}) {
      std::vector<std::uint32_t> expected;
      for (std::uint32_t block = 0; block < 3; ++block) {
        const auto four = plain_philox(seed, stream, block);
        expected.insert(expected.end(), four.begin(), four.end());
      }
      EXPECT_EQ(words(Rng(seed, stream), 12), expected) << seed << ' ' << stream;
    }
  }
}

TEST(Rng, UniformHas53BitsBelowOne) {
  Rng rng(3);
  Rng same(3);
  for (int draw = 0; draw < 1000; ++draw) {
    const double value = rng.uniform();
    const std::uint64_t first = same.next();
    const std::uint64_t bits = first << 32 | same.next();
    EXPECT_EQ(value, std::ldexp(static_cast<double>(bits >> 11), -53));
    EXPECT_GE(value, 0);
    EXPECT_LT(value, 1);
  }
}

// Counts of a fair choice among `cells`, each within five standard deviations of draws / cells.
template <class Counts>
void expect_even(const Counts& counts, std::size_t cells, double draws) {
  EXPECT_EQ(counts.size(), cells);
  const double share = 1 / static_cast<double>(cells);
  for (const auto& [value, count] : counts) {
    EXPECT_NEAR(count, draws * share, 5 * std::sqrt(draws * share * (1 - share)));
  }
}

TEST(Rng, BelowIsFair) {
  Rng rng(1);
  constexpr int kDraws = 60'000;
  for (const Index bound : {1U, 2U, 6U, 7U}) {
    std::map<Index, int> counts;
    for (int draw = 0; draw < kDraws; ++draw) ++counts[rng.below(bound)];
    EXPECT_LT(counts.rbegin()->first, bound);
    expect_even(counts, bound, kDraws);
  }
  // Without the rejection, every third value of such a bound would come twice as often.
  constexpr Index kBound = 3U << 30;
  std::map<Index, int> thirds;
  for (int draw = 0; draw < kDraws; ++draw) {
    const Index value = rng.below(kBound);
    ASSERT_LT(value, kBound);
    ++thirds[value % 3];
  }
  expect_even(thirds, 3, kDraws);
}

TEST(Rng, NormalHasTheMomentsOfTheNormal) {
  Rng rng(2);
  constexpr int kDraws = 100'000;
  std::array<double, 5> moments{};
  for (int draw = 0; draw < kDraws; ++draw) {
    const double value = rng.normal();
    for (int power = 1; power <= 4; ++power)
      moments.at(static_cast<std::size_t>(power)) += std::pow(value, power) / kDraws;
  }
  // Five standard deviations: the moments of order 2 to 8 are 1, 0, 3, 0, 15, 0, 105.
  const double root = std::sqrt(kDraws);
  EXPECT_NEAR(moments[1], 0, 5 * 1 / root);
  EXPECT_NEAR(moments[2], 1, 5 * std::sqrt(2) / root);
  EXPECT_NEAR(moments[3], 0, 5 * std::sqrt(15) / root);
  EXPECT_NEAR(moments[4], 3, 5 * std::sqrt(96) / root);
}

TEST(Rng, ShuffleGivesEveryOrderAlike) {
  Rng rng(4);
  constexpr int kDraws = 48'000;
  std::map<std::vector<Index>, int> counts;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<Index> items{0, 1, 2, 3};
    rng.shuffle(items);
    ++counts[items];
  }
  expect_even(counts, 24, kDraws);
}

TEST(Rng, ShuffleLeavesNothingAndOneAlone) {
  Rng rng(5);
  std::vector<Index> none;
  rng.shuffle(none);
  std::vector<Index> one{7};
  rng.shuffle(one);
  EXPECT_EQ(one, std::vector<Index>{7});
  EXPECT_EQ(rng.next(), Rng(5).next());  // no word was needed
}

TEST(NumpyShuffle, IsThatOfNumpy) {
  for (const recorded::Seeded& expected : recorded::kShuffles) {
    SCOPED_TRACE(testing::Message() << expected.list.size << " rows, seed " << expected.seed);
    std::vector<Index> rows(expected.list.size);
    std::iota(rows.begin(), rows.end(), Index{0});
    numpy_shuffle(rows, expected.seed);
    expect_recorded(rows, expected.list);
  }
}

TEST(TorchUniform, IsThatOfTorch) {
  for (const recorded::Seeded& expected : recorded::kTorchUniforms) {
    SCOPED_TRACE(testing::Message() << "seed " << expected.seed);
    TorchUniform uniform(expected.seed);
    std::vector<Index> as_words(expected.list.size);
    for (Index& word : as_words) {
      const float value = uniform.next();
      EXPECT_LT(value, 1);
      word = static_cast<Index>(value * 0x1p24F);
      EXPECT_EQ(static_cast<float>(word) * 0x1p-24F, value);
    }
    expect_recorded(as_words, expected.list);
  }
}

}  // namespace
}  // namespace palate
