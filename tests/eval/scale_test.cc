#include "palate/evaluate/scale.h"

#include <gtest/gtest.h>

#include <vector>

namespace palate {
namespace {

TEST(Scale, HasTheRangeTheMeanAndTheDeviation) {
  const Scale scale = scale_of(std::vector<float>{4, 1, 4, 3});
  EXPECT_EQ(scale.low, 1);
  EXPECT_EQ(scale.high, 4);
  EXPECT_DOUBLE_EQ(scale.mean, 3);
  EXPECT_DOUBLE_EQ(scale.standard_deviation * scale.standard_deviation, 1.5);
  EXPECT_EQ(scale_of({}).standard_deviation, 0);
}

TEST(Scale, RatingsOutsideOfTheTrainRangeAreInDoubt) {
  const Scale train = scale_of(std::vector<float>{1, 5, 3});
  const ScaleMatch match = match_scale(train, std::vector<float>{0.5, 1, 5, 10});
  EXPECT_EQ(match.outside, 2U);
  EXPECT_EQ(match.ratings, 4U);
  EXPECT_TRUE(match.in_doubt());
  EXPECT_FALSE(match_scale(train, std::vector<float>{1, 5, 2}).in_doubt());
}

TEST(Scale, AMeanThatIsFartherThanADeviationIsInDoubtOfTwentyRatings) {
  const Scale train{.low = 1, .high = 10, .mean = 7, .standard_deviation = 2};
  EXPECT_TRUE(match_scale(train, std::vector<float>(20, 4.9F)).in_doubt());
  EXPECT_FALSE(match_scale(train, std::vector<float>(19, 4.9F)).in_doubt());
  EXPECT_FALSE(match_scale(train, std::vector<float>(20, 5.1F)).in_doubt());
  EXPECT_TRUE(match_scale(train, std::vector<float>(20, 9.1F)).in_doubt());
  const Scale range_alone{.low = 1, .high = 10};
  EXPECT_FALSE(match_scale(range_alone, std::vector<float>(20, 4.9F)).in_doubt());
}

}  // namespace
}  // namespace palate
