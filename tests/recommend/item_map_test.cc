#include "palate/recommend/item_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace palate {
namespace {

Scorer scorer_with(Index items, Index factors) {
  return {Factors(1, items, factors), {}, {}, std::vector<Index>(items, 1)};
}

// Points (6 cos t, 2 sin t) of a plane that lies askew in three dimensions, about (7, 7, 7).
TEST(ItemMap, IsThePlaneInWhichTheItemsDiffer) {
  constexpr Index kItems = 200;
  Scorer scorer = scorer_with(kItems, 3);
  const double root = std::sqrt(3.0);
  for (Index item = 0; item < kItems; ++item) {
    const double angle = 2 * std::acos(-1) * item / kItems;
    const double along = 6 * std::cos(angle);
    const double across = 2 * std::sin(angle);
    // Axes (1, 1, 1) / sqrt 3 and (2, -1, -1) / sqrt 6.
    const double place[] = {along / root + across * 2 / std::sqrt(6.0),
                            along / root - across / std::sqrt(6.0),
                            along / root - across / std::sqrt(6.0)};
    for (Index f = 0; f < 3; ++f)
      scorer.factors.item_factors.row(item)[f] = static_cast<float>(7 + place[f]);
  }
  const ItemMap map = item_map(scorer);
  ASSERT_EQ(map.items.size(), kItems);
  EXPECT_NEAR(map.explained[0], 0.9, 1e-6);  // 36 of 36 + 4
  EXPECT_NEAR(map.explained[1], 0.1, 1e-6);
  for (Index item = 0; item < kItems; ++item) {
    const double angle = 2 * std::acos(-1) * item / kItems;
    EXPECT_NEAR(map.x[item], 6 * std::cos(angle), 1e-4);
    EXPECT_NEAR(map.y[item], 2 * std::sin(angle), 1e-4);
  }
}

// The same points in more dimensions than there are items, where the others are all the same.
TEST(ItemMap, DoesNotDependOnFactorsThatAllItemsShare) {
  constexpr Index kItems = 20;
  Scorer few = scorer_with(kItems, 5);
  Scorer many = scorer_with(kItems, 50);
  Rng rng(1);
  for (Index item = 0; item < kItems; ++item) {
    std::ranges::fill(many.factors.item_factors.row(item), 3.0F);
    for (Index f = 0; f < 5; ++f) {
      const auto place = static_cast<float>((f + 1) * rng.normal());
      few.factors.item_factors.row(item)[f] = place;
      many.factors.item_factors.row(item)[10 * f] = place;
    }
  }
  const ItemMap expected = item_map(few);
  const ItemMap map = item_map(many);
  ASSERT_EQ(map.x.size(), kItems);
  for (Index item = 0; item < kItems; ++item) {
    EXPECT_NEAR(map.x[item], expected.x[item], 1e-5);
    EXPECT_NEAR(map.y[item], expected.y[item], 1e-5);
  }
  for (const Index axis : {0U, 1U})
    EXPECT_NEAR(map.explained[axis], expected.explained[axis], 1e-9);
}

TEST(ItemMap, HoldsTheMostRatedItems) {
  Scorer scorer = scorer_with(5, 2);
  Rng rng(3);
  for (Index item = 0; item < 5; ++item) {
    for (float& factor : scorer.factors.item_factors.row(item))
      factor = static_cast<float>(rng.normal());
  }
  scorer.item_support = {3, 9, 0, 3, 5};
  EXPECT_EQ(item_map(scorer).items, (std::vector<Index>{1, 4, 0, 3}));
  EXPECT_EQ(item_map(scorer).ratings, (std::vector<Index>{9, 5, 3, 3}));
  EXPECT_EQ(item_map(scorer, 3).items, (std::vector<Index>{1, 4, 0}));
}

TEST(ItemMap, NeedsAPlane) {
  EXPECT_TRUE(item_map(scorer_with(9, 1)).items.empty());
  EXPECT_TRUE(item_map(scorer_with(2, 4)).items.empty());
  EXPECT_TRUE(item_map(scorer_with(9, 0)).items.empty());
  const ItemMap map = item_map(scorer_with(9, 4));  // all at one place
  EXPECT_EQ(map.x, std::vector<float>(9));
  EXPECT_EQ(map.explained[0], 0);
}

}  // namespace
}  // namespace palate
