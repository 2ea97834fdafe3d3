// What users have chosen, pair by pair.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <vector>

#include "palate/base/matrix.h"

namespace palate {

// Pairs of a user and an item that the user has chosen.
class ChosenPairs {
 public:
  struct Pair {
    Index user;
    Index item;
    float weight;  // in units of the mean one
  };

  explicit ChosenPairs(const SparseMatrix& by_user) : chosen_(by_user) {
    const double sum = std::accumulate(by_user.values.begin(), by_user.values.end(), 0.0);
    const double mean = sum / static_cast<double>(by_user.size());
    marks_.resize(std::bit_ceil(by_user.size() / 8 + 1));
    for (Index user = 0; user < by_user.rows(); ++user) {
      const SparseRow row = by_user.row(user);
      for (Index t = 0; t < row.size(); ++t) {
        pairs_.push_back({user, row.columns[t], static_cast<float>(double{row.values[t]} / mean)});
        const std::uint64_t place = place_of(user, row.columns[t]);
        marks_[place / 64] |= std::uint64_t{1} << place % 64;
      }
    }
  }

  Index size() const { return static_cast<Index>(pairs_.size()); }
  const Pair& operator[](Index number) const { return pairs_[number]; }
  SparseRow chosen_by(Index user) const { return chosen_.row(user); }
  Index num_items() const { return chosen_.num_columns; }

  void prefetch(Index number) const { __builtin_prefetch(&pairs_[number]); }
  void prefetch_mark(Index user, Index item) const {
    __builtin_prefetch(&marks_[place_of(user, item) / 64]);
  }

  // Whether it is a pair of these. Mostly it is not, which a few marks in the cache tell.
  bool contain(Index user, Index item) const {
    const std::uint64_t place = place_of(user, item);
    return (marks_[place / 64] >> place % 64 & 1) != 0 &&
           std::ranges::binary_search(chosen_.row(user).columns, item);
  }

 private:
  // Where a pair is marked: evenly spread, so that few of the others are marked there, too.
  std::uint64_t place_of(Index user, Index item) const {
    const std::uint64_t key = (std::uint64_t{user} << 32 | item) * 0x9E3779B97F4A7C15U;
    return (key ^ key >> 32) & (marks_.size() * 64 - 1);
  }

  const SparseMatrix& chosen_;
  std::vector<Pair> pairs_;
  std::vector<std::uint64_t> marks_;  // a bit for each place, 8 to 16 of them for each pair
};

}  // namespace palate
