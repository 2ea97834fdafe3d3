#include "train/block_grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "small_data.h"

namespace palate {
namespace {

// Sizes on both sides of one block, with rows that have no ratings and rows that have all.
const std::vector<Interactions>& inputs() {
  static const std::vector<Interactions> all{
      interactions_of(1, 1, {{0, 0, 4}}), interactions_of(9, 9, {{1, 1, 5}, {1, 7, 1}, {8, 7, 2}}),
      planted_interactions(40, 30, 0.5, 2, 0.3, 1), planted_interactions(500, 300, 0.4, 2, 0.3, 2),
      planted_interactions(900, 700, 0.4, 2, 0.3, 3)};
  return all;
}

// The last place of each group, which pads.
std::vector<bool> nobodys(const BlockGrid::Rows& rows) {
  std::vector<bool> result(rows.count());
  for (const Index end : rows.group_start) {
    if (end > 0) result[end - 1] = true;
  }
  return result;
}

TEST(BlockGrid, EveryRatingStandsOnceAndTheRestIsNobodys) {
  Parallel parallel(2);
  for (const Interactions& interactions : inputs()) {
    const Dataset data(interactions, parallel);
    const BlockGrid grid(data, 3, 2, parallel);
    // The ratings as a full table of places.
    constexpr float kNone = 1000;
    const Index num_items = grid.items().count();
    std::vector<float> expected(std::size_t{grid.users().count()} * num_items, kNone);
    const auto cell = [&](Index user, Index item) -> float& {
      return expected[std::size_t{user} * num_items + item];
    };
    for (std::size_t t = 0; t < data.size(); ++t) {
      cell(grid.users().place[data.users()[t]], grid.items().place[data.items()[t]]) =
          static_cast<float>((static_cast<double>(data.values()[t]) - 3) / 2);
    }
    const std::vector<bool> nobody_users = nobodys(grid.users());
    const std::vector<bool> nobody_items = nobodys(grid.items());
    for (const Index place : grid.users().place) EXPECT_FALSE(nobody_users[place]);
    for (const Index place : grid.items().place) EXPECT_FALSE(nobody_items[place]);

    std::size_t found = 0;
    bool right = true;
    for (Index a = 0; a < grid.size(); ++a) {
      for (Index b = 0; b < grid.size(); ++b) {
        for (const RatingQuad& quad : grid.block(a, b)) {
          for (std::size_t j = 0; j < 4; ++j) {
            float& value = cell(quad.users[j], quad.items[j]);
            if (value != kNone) {
              right &= quad.values[j] == value;
              value = kNone;
              ++found;
            } else {
              right &=
                  nobody_users[quad.users[j]] && nobody_items[quad.items[j]] && quad.values[j] == 0;
            }
          }
        }
      }
    }
    EXPECT_TRUE(right);
    EXPECT_EQ(found, data.size());
  }
}

TEST(BlockGrid, NeitherAQuadNorARoundTouchesARowTwice) {
  Parallel parallel(1);
  for (const Interactions& interactions : inputs()) {
    const BlockGrid grid(Dataset(interactions, parallel), 0, 1, parallel);
    bool right = true;
    for (Index round = 0; round < grid.size(); ++round) {
      std::vector<Index> block_of_user(grid.users().count(), grid.size());
      std::vector<Index> block_of_item(grid.items().count(), grid.size());
      const auto touch = [&](std::vector<Index>& block_of, Index row, Index block) {
        right &= block_of[row] == grid.size() || block_of[row] == block;
        block_of[row] = block;
      };
      for (Index a = 0; a < grid.size(); ++a) {
        for (const RatingQuad& quad : grid.block(a, (a + round) % grid.size())) {
          for (std::size_t j = 0; j < 4; ++j) {
            for (std::size_t k = 0; k < j; ++k)
              right &= quad.users[j] != quad.users[k] && quad.items[j] != quad.items[k];
            touch(block_of_user, quad.users[j], a);
            touch(block_of_item, quad.items[j], a);
          }
        }
      }
    }
    EXPECT_TRUE(right);
  }
}

TEST(BlockGrid, ALargeOneHasManyBlocksAndLittlePadding) {
  Parallel parallel(2);
  const Dataset data(inputs().back(), parallel);
  const BlockGrid grid(data, 0, 1, parallel);
  EXPECT_EQ(grid.size(), 4U);
  std::size_t places = 0;
  std::size_t largest = 0;
  for (Index a = 0; a < grid.size(); ++a) {
    for (Index b = 0; b < grid.size(); ++b) {
      places += 4 * grid.block(a, b).size();
      largest = std::max(largest, 4 * grid.block(a, b).size());
    }
  }
  EXPECT_LT(static_cast<double>(places), 1.1 * static_cast<double>(data.size()));
  EXPECT_LT(static_cast<double>(largest), 1.1 * static_cast<double>(places) / 16);
}

TEST(BlockGrid, IsTheSameForAnyNumberOfThreads) {
  const Interactions interactions = inputs().back();
  Parallel one(1);
  Parallel three(3);
  const BlockGrid a(Dataset(interactions, one), 3, 2, one);
  const BlockGrid b(Dataset(interactions, three), 3, 2, three);
  const auto same = [](const RatingQuad& x, const RatingQuad& y) {
    return std::ranges::equal(x.users, y.users) && std::ranges::equal(x.items, y.items) &&
           std::ranges::equal(x.values, y.values);
  };
  ASSERT_EQ(a.size(), b.size());
  for (Index row = 0; row < a.size(); ++row) {
    for (Index column = 0; column < a.size(); ++column) {
      EXPECT_TRUE(std::ranges::equal(a.block(row, column), b.block(row, column), same));
    }
  }
}

}  // namespace
}  // namespace palate
