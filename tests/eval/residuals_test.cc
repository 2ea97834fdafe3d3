#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "palate/evaluate/breakdown.h"

namespace palate {
namespace {

using Floats = std::vector<float>;

TEST(Residuals, FallIntoBinsAboutZero) {
  // A range of 1 to 5: bins of .2, the middle one from -.1 to .1.
  const Residuals found = residuals(Floats{1.05F, 5, 3.15F, 1, 99, -99}, Floats{1, 5, 3, 5, 1, 3});
  ASSERT_EQ(found.counts.size(), 41U);
  EXPECT_DOUBLE_EQ(found.width, 0.2);
  EXPECT_DOUBLE_EQ(found.low, -4.1);
  EXPECT_EQ(found.counts[20], 2U);  // .05 and 0
  EXPECT_EQ(found.counts[21], 1U);  // .15
  EXPECT_EQ(found.counts[0], 2U);   // -4, and far below
  EXPECT_EQ(found.counts[40], 1U);
  EXPECT_EQ(std::accumulate(found.counts.begin(), found.counts.end(), std::uint64_t{0}), 6U);
}

TEST(Residuals, OfEqualRatingsAndOfNone) {
  const Residuals equal = residuals(Floats{3, 4}, Floats{3, 3});
  EXPECT_DOUBLE_EQ(equal.width, 0.05);
  EXPECT_EQ(equal.counts[20], 1U);
  EXPECT_EQ(equal.counts[40], 1U);
  EXPECT_EQ(residuals({}, Floats{3}).counts.size(), 1U);
}

TEST(Residuals, PredictionsOfEachValue) {
  const Floats actual{4, 1, 4, 4, 1, 4, 5};
  const std::vector<GroupPredictions> found =
      predictions_by_group(group_by_value(actual), Floats{2, 1.5F, 3, 4, 2.5F, 5});
  ASSERT_EQ(found.size(), 2U) << "5 has no prediction";
  EXPECT_EQ(found[0].group, (Group{1, 1}));
  EXPECT_EQ(found[0].ratings, 2U);
  EXPECT_DOUBLE_EQ(found[0].mean, 2);
  EXPECT_DOUBLE_EQ(found[0].lower, 1.6);
  EXPECT_EQ(found[1].ratings, 4U);
  EXPECT_DOUBLE_EQ(found[1].mean, 3.5);
  EXPECT_DOUBLE_EQ(found[1].lower, 2.3);
  EXPECT_DOUBLE_EQ(found[1].median, 3.5);
  EXPECT_DOUBLE_EQ(found[1].upper, 4.7);
}

}  // namespace
}  // namespace palate
