// The ratings of a dataset cut into blocks that can be trained on side by side.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "palate/base/parallel.h"
#include "palate/data/dataset.h"

namespace palate {

// Two ratings with neither user nor item in common can be stepped on at the same time, with the
// same result as one after the other. For B = size(), users are dealt into 4 B groups with about
// equally many ratings, items likewise. Block (a, b) has the ratings of the user groups 4 a .. 4 a
// + 3 with the item groups 4 b .. 4 b + 3; the blocks (a, b) of one round, those with the same (b -
// a) mod B, have no user and no item in common:
//
//          items   0  1  2             the rounds of B = 3
//   users  0       0  1  2
//          1       2  0  1
//          2       1  2  0
//
// Inside a block the same is done with its 4 x 4 pairs of groups: one diagonal of four pairs after
// another, each written as quads with a rating from each pair. Where a pair has fewer ratings than
// the longest of its diagonal, quads are filled up with a rating of value 0 by the group's last
// row, which is nobody's and stays zero.
//
// The shape depends on the data alone. Users with many ratings are dealt first, so that the groups
// come out even; inside a pair the ratings stand user by user, which keeps the user's row in the
// cache.
class BlockGrid {
 public:
  // The value of a rating in the grid is (value - mean) / scale.
  BlockGrid(const Dataset& data, double mean, double scale, Parallel& parallel);

  Index size() const { return size_; }
  std::span<const RatingQuad> block(Index a, Index b) const {
    const std::size_t cell = std::size_t{a} * size_ + b;
    return {quads_.data() + starts_[cell], starts_[cell + 1] - starts_[cell]};
  }

  // Where the row of a user or item stands: groups are consecutive, nobody's row ends each.
  struct Rows {
    std::vector<Index> place;        // of each user or item
    std::vector<Index> group_start;  // 4 B + 1 entries
    Index count() const { return group_start.back(); }
  };
  const Rows& users() const { return users_; }
  const Rows& items() const { return items_; }

 private:
  Index size_;
  Rows users_;
  Rows items_;
  std::vector<std::size_t> starts_;  // of block (a, b), at a B + b
  std::vector<RatingQuad> quads_;
};

}  // namespace palate
