#include "train/mean_bias.h"

#include <gtest/gtest.h>

#include <vector>

#include "palate/algorithms/train.h"
#include "small_data.h"

namespace palate {
namespace {

TEST(MeanBias, MovesIntoTheGlobalMeanFromTheRowsThatHaveRatings) {
  Parallel parallel(1);
  // The user at index 1 has no rating, and no bias.
  const Dataset data(interactions_of(3, 2, {{0, 0, 4}, {0, 1, 5}, {2, 1, 3}}), parallel);
  std::vector<float> bias{0.75F, 0, -0.25F};
  float global_mean = 3.5F;
  move_mean_bias(data.by_user(), bias, global_mean);
  EXPECT_EQ(bias, (std::vector<float>{0.5F, 0, -0.5F}));
  EXPECT_EQ(global_mean, 3.75F);
}

// One user who rates much and low, many who rate a little and high.
TEST(MeanBias, AUserNobodyHasSeenGetsWhatTheAverageUserGets) {
  std::vector<Rating> ratings;
  for (Index item = 0; item < 200; ++item) ratings.emplace_back(0, item, 2.0F);
  for (Index user = 1; user < 21; ++user) {
    for (Index t = 0; t < 5; ++t) ratings.emplace_back(user, (user * 5 + t) % 200, 4.0F);
  }
  Parallel parallel(1);
  const Dataset data(interactions_of(21, 200, ratings), parallel);
  for (const AlgorithmOptions& options :
       {AlgorithmOptions(AlsOptions{}), AlgorithmOptions(SgdOptions{})}) {
    TrainContext context{.parallel = parallel};
    EXPECT_GT(train(data, options, context).scorer.factors.global_mean, 3.2F)
        << algorithm_name(options);  // that of the ratings is 2.67
  }
}

}  // namespace
}  // namespace palate
