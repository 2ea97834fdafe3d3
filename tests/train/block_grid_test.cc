#include "train/block_grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "small_data.h"

namespace palate {
namespace {

// Sizes on both sides of one block, with rows that have no ratings and rows that have all.
std::vector<Interactions> inputs() {
  return {interactions_of(1, 1, {{0, 0, 4}}), interactions_of(9, 9, {{1, 1, 5}, {1, 7, 1}, {8, 7, 2}}),
          planted_interactions(40, 30, 0.5, 2, 0.3, 1), planted_interactions(500, 300, 0.4, 2, 0.3, 2),
          planted_interactions(900, 700, 0.4, 2, 0.3, 3)};
}

TEST(BlockGrid, EveryRatingStandsOnceAndTheRestIsNobodys) {
  Parallel parallel(2);
  for (const Interactions& interactions : inputs()) {
    const Dataset data(interactions, parallel);
    const BlockGrid grid(data, 3, 2, parallel);
    std::map<std::pair<Index, Index>, float> expected;
    for (std::size_t t = 0; t < data.size(); ++t) {
      const std::pair pair(grid.users().place[data.users()[t]], grid.items().place[data.items()[t]]);
      expected[pair] = static_cast<float>((static_cast<double>(data.values()[t]) - 3) / 2);
    }
    std::set<Index> nobody_users;
    std::set<Index> nobody_items;
    for (const Index end : grid.users().group_start) nobody_users.insert(end - 1);
    for (const Index end : grid.items().group_start) nobody_items.insert(end - 1);
    for (const Index place : grid.users().place) EXPECT_FALSE(nobody_users.contains(place));
    for (const Index place : grid.items().place) EXPECT_FALSE(nobody_items.contains(place));

    for (Index a = 0; a < grid.size(); ++a) {
      for (Index b = 0; b < grid.size(); ++b) {
        for (const RatingQuad& quad : grid.block(a, b)) {
          for (std::size_t j = 0; j < 4; ++j) {
            const auto found = expected.find({quad.users[j], quad.items[j]});
            if (found != expected.end()) {
              EXPECT_EQ(quad.values[j], found->second);
              expected.erase(found);
            } else {
              EXPECT_TRUE(nobody_users.contains(quad.users[j]) && nobody_items.contains(quad.items[j]));
              EXPECT_EQ(quad.values[j], 0);
            }
          }
        }
      }
    }
    EXPECT_TRUE(expected.empty());
  }
}

TEST(BlockGrid, NeitherAQuadNorARoundTouchesARowTwice) {
  Parallel parallel(1);
  for (const Interactions& interactions : inputs()) {
    const BlockGrid grid(Dataset(interactions, parallel), 0, 1, parallel);
    for (Index round = 0; round < grid.size(); ++round) {
      std::map<Index, Index> block_of_user;
      std::map<Index, Index> block_of_item;
      for (Index a = 0; a < grid.size(); ++a) {
        for (const RatingQuad& quad : grid.block(a, (a + round) % grid.size())) {
          EXPECT_EQ(std::set<Index>(std::begin(quad.users), std::end(quad.users)).size(), 4U);
          EXPECT_EQ(std::set<Index>(std::begin(quad.items), std::end(quad.items)).size(), 4U);
          for (const Index user : quad.users) EXPECT_EQ(block_of_user.try_emplace(user, a).first->second, a);
          for (const Index item : quad.items) EXPECT_EQ(block_of_item.try_emplace(item, a).first->second, a);
        }
      }
    }
  }
}

TEST(BlockGrid, ALargeOneHasManyBlocksAndLittlePadding) {
  Parallel parallel(2);
  const Dataset data(planted_interactions(900, 700, 0.4, 2, 0.3, 3), parallel);
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
  const Interactions interactions = planted_interactions(900, 700, 0.4, 2, 0.3, 3);
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
