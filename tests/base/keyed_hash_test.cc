#include "base/keyed_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace palate {
namespace {

const std::vector<KeyedHash> kHashes{{0x243F6A8885A308D3U, 0x13198A2E03707344U},
                                     {0xA4093822299F31D0U, 0x082EFA98EC4E6C89U},
                                     {0x452821E638D01377U, 0xBE5466CF34E90C6CU}};

// The most of many hashes that have the same first or last 12 bits.
std::size_t most_in_one_place(const std::vector<std::uint64_t>& hashes) {
  std::size_t most = 0;
  for (const int shift : {52, 0}) {
    std::vector<std::size_t> places(1 << 12);
    for (const std::uint64_t hash : hashes) most = std::max(most, ++places[hash >> shift & 0xFFF]);
  }
  return most;
}

// 4096 places, one each on average: of as many balls at random, hardly ever more than 10 meet.
constexpr std::size_t kNumbers = 4096;
constexpr std::size_t kMost = 12;

TEST(KeyedHash, NumbersWithAPatternAreSpread) {
  for (const KeyedHash& hash : kHashes) {
    for (const int shift : {0, 1, 16, 32, 51}) {
      std::vector<std::uint64_t> up;
      std::vector<std::uint64_t> down;
      for (std::size_t n = 0; n < kNumbers; ++n) {
        up.push_back(hash(static_cast<std::int64_t>(n << shift)));
        down.push_back(hash(-static_cast<std::int64_t>(n << shift)));
      }
      EXPECT_LE(most_in_one_place(up), kMost) << shift;
      EXPECT_LE(most_in_one_place(down), kMost) << shift;
    }
  }
}

// In each of the ways that texts of some length go.
TEST(KeyedHash, TextsThatDifferInOneBytePairAreSpread) {
  for (const KeyedHash& hash : kHashes) {
    for (const unsigned size :
         {2U, 3U, 4U, 5U, 7U, 8U, 9U, 15U, 16U, 17U, 24U, 31U, 32U, 33U, 48U, 65U}) {
      for (const unsigned at : {0U, size / 2 - 1, size - 2}) {
        std::vector<std::uint64_t> hashes;
        std::string text(size, 'x');
        for (std::size_t n = 0; n < kNumbers; ++n) {
          text[at] = static_cast<char>(n & 63);
          text[at + 1] = static_cast<char>(n >> 6);
          hashes.push_back(hash(text));
        }
        EXPECT_LE(most_in_one_place(hashes), kMost + 3) << size << ' ' << at;
      }
    }
  }
}

TEST(KeyedHash, TheLengthCounts) {
  for (const KeyedHash& hash : kHashes) {
    std::set<std::uint64_t> hashes;
    for (std::size_t size = 0; size < 200; ++size) hashes.insert(hash(std::string(size, '\0')));
    EXPECT_EQ(hashes.size(), 200U);
  }
}

TEST(KeyedHash, OtherKeysGiveOtherHashes) {
  EXPECT_NE(kHashes[0](1), kHashes[1](1));
  EXPECT_NE(kHashes[0]("one"), kHashes[1]("one"));
  EXPECT_NE(kHashes[0]("one"), KeyedHash(0x243F6A8885A308D3U, 0)("one"));
  EXPECT_NE(kHashes[0]("one"), KeyedHash(0, 0x13198A2E03707344U)("one"));
  EXPECT_EQ(KeyedHash()("one"), KeyedHash()("one")) << "one process, one key";
}

}  // namespace
}  // namespace palate
