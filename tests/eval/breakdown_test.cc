#include "palate/evaluate/breakdown.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace palate {
namespace {

using Groups = std::vector<Group>;
using Numbers = std::vector<Index>;

TEST(Breakdown, SupportFallsIntoItsBinsAndEmptyOnesAreLeftOut) {
  const Grouping grouping =
      group_by_support("user_ratings", Numbers{0, 4, 5, 1, 99, 500, 0, 7000, 19});
  EXPECT_EQ(grouping.by, "user_ratings");
  EXPECT_EQ(grouping.groups, (Groups{{0, 0}, {1, 4}, {5, 19}, {20, 99}, {500, {}}}));
  EXPECT_EQ(grouping.of, (Numbers{0, 1, 2, 1, 3, 4, 0, 4, 2}));
  const Grouping all = group_by_support("item_ratings", Numbers{0, 1, 5, 20, 100, 499, 500});
  EXPECT_EQ(all.groups.size(), 6U);
  EXPECT_EQ(all.groups[4], (Group{100, 499}));
}

TEST(Breakdown, FewValuesAreGroupsByThemselves) {
  const Grouping grouping = group_by_value(std::vector<float>{4, 0.5F, 4, 3});
  EXPECT_EQ(grouping.groups, (Groups{{0.5, 0.5}, {3, 3}, {4, 4}}));
  EXPECT_EQ(grouping.of, (Numbers{2, 0, 2, 1}));
}

TEST(Breakdown, ManyValuesAreParted) {
  std::vector<float> values;
  for (int v = 24; v >= 0; --v) values.push_back(static_cast<float>(v));
  const Grouping grouping = group_by_value(values);
  EXPECT_EQ(grouping.groups, (Groups{{0, 4}, {5, 9}, {10, 14}, {15, 19}, {20, 24}}));
  EXPECT_EQ(grouping.of.front(), 4U);
  EXPECT_EQ(grouping.of.back(), 0U);
}

TEST(Breakdown, RatingsOfOneTimeStayTogether) {
  const Grouping grouping =
      group_by_time(std::vector<std::int64_t>{50, 10, 10, 10, 10, 10, 40, 30, 20, 60});
  // In order 10 10 | 10 10 | 10 20 | 30 40 | 50 60: the first three parts begin with the same time.
  EXPECT_EQ(grouping.groups, (Groups{{10, 20}, {30, 40}, {50, 60}}));
  EXPECT_EQ(grouping.of, (Numbers{2, 0, 0, 0, 0, 0, 1, 1, 0, 2}));
}

TEST(Breakdown, NoRatingsHaveNoGroups) {
  EXPECT_TRUE(group_by_support("user_ratings", {}).groups.empty());
  EXPECT_TRUE(group_by_value({}).groups.empty());
  EXPECT_TRUE(group_by_time({}).groups.empty());
}

TEST(Breakdown, AHandWorkedTableHasItsErrors) {
  const Grouping grouping = group_by_support("user_ratings", Numbers{0, 10, 10, 0});
  const Breakdown breakdown =
      break_down(grouping, std::vector<float>{3, 4, 2, 5}, std::vector<float>{5, 4.5F, 3, 5});
  ASSERT_EQ(breakdown.groups.size(), 2U);
  EXPECT_EQ(breakdown.groups[0].group, (Group{0, 0}));
  EXPECT_EQ(breakdown.groups[0].ratings, 2U);
  EXPECT_DOUBLE_EQ(breakdown.groups[0].rmse, std::sqrt((4 + 0) / 2.0));
  EXPECT_DOUBLE_EQ(breakdown.groups[0].mae, 1);
  EXPECT_DOUBLE_EQ(breakdown.groups[1].rmse, std::sqrt((0.25 + 1) / 2));
  EXPECT_DOUBLE_EQ(breakdown.groups[1].mae, 0.75);
}

TEST(Breakdown, FewerPredictionsThanRatingsAreOfTheFirst) {
  const Grouping grouping = group_by_support("user_ratings", Numbers{10, 0});
  const Breakdown breakdown = break_down(grouping, std::vector<float>{3}, std::vector<float>{5, 4});
  EXPECT_EQ(breakdown.groups[0].ratings, 0U);
  EXPECT_EQ(breakdown.groups[0].rmse, 0);
  EXPECT_EQ(breakdown.groups[1].rmse, 2);
}

}  // namespace
}  // namespace palate
