// Whether a user has chosen an item.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "palate/base/matrix.h"

namespace palate {

// Pairs of a user and an item that the user has chosen. Each user has some bits, one of which is
// set for each item chosen: as many bits as there are items where that is no more than sixteen for
// each item chosen; otherwise sixteen, and an item's bit may be set for another one, too.
class ChosenPairs {
 public:
  explicit ChosenPairs(const SparseMatrix& by_user) : chosen_(by_user), first_bits_(1, 0) {
    for (Index user = 0; user < by_user.rows(); ++user) {
      const std::uint64_t bits = std::min<std::uint64_t>(
          by_user.num_columns, kBitsOfPair * std::uint64_t{by_user.row(user).size()});
      first_bits_.push_back(first_bits_.back() + bits);
    }
    bits_.resize(first_bits_.back() / 64 + 1);
    for (Index user = 0; user < by_user.rows(); ++user) {
      for (const Index item : by_user.row(user).columns) {
        const std::uint64_t bit = bit_of(user, item);
        bits_[bit / 64] |= std::uint64_t{1} << bit % 64;
      }
    }
  }

  SparseRow chosen_by(Index user) const { return chosen_.row(user); }
  Index num_items() const { return chosen_.num_columns; }

  void prefetch(Index user, Index item) const {
    __builtin_prefetch(&bits_[bit_of(user, item) / 64]);
  }

  // Whether it is a pair of these.
  bool contain(Index user, Index item) const {
    const std::uint64_t bit = bit_of(user, item);
    if ((bits_[bit / 64] >> bit % 64 & 1) == 0) return false;
    return num_bits(user) == num_items() ||
           std::ranges::binary_search(chosen_.row(user).columns, item);
  }

 private:
  static constexpr std::uint64_t kBitsOfPair = 16;

  std::uint64_t num_bits(Index user) const { return first_bits_[user + 1] - first_bits_[user]; }
  std::uint64_t bit_of(Index user, Index item) const {
    const std::uint64_t bits = num_bits(user);
    // Evenly spread over the bits, so that few items meet.
    const std::uint64_t spread = (item * 0x9E3779B1U & 0xFFFFFFFFU) * bits >> 32;
    return first_bits_[user] + (bits == num_items() ? item : spread);
  }

  const SparseMatrix& chosen_;
  std::vector<std::uint64_t> first_bits_;  // of each user
  std::vector<std::uint64_t> bits_;
};

}  // namespace palate
