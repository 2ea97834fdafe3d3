#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "palate/error.h"
#include "palate/evaluate.h"

namespace palate {
namespace {

TEST(RatingMetrics, ErrorsArePooledByUserInOrderOfIndex) {
  const std::vector<Index> users{7, 2, 7};
  const std::vector<float> predicted{4, 3, 1};
  const std::vector<float> actual{5, 3.5F, 3};
  const UserErrors errors = pool_by_user(users, predicted, actual);
  EXPECT_EQ(errors.counts, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(errors.squared, (std::vector<double>{0.25, 5}));
  EXPECT_EQ(errors.absolute, (std::vector<double>{0.5, 3}));
  EXPECT_EQ(errors.ratings(), 3U);
}

TEST(RatingMetrics, AHandWorkedTableHasItsValues) {
  Parallel parallel(1);
  const UserErrors errors{.counts = {1, 2}, .squared = {0.25, 5}, .absolute = {0.5, 3}};
  const RatingMetrics metrics = rating_metrics(errors, parallel);
  EXPECT_DOUBLE_EQ(metrics.mse.value, 5.25 / 3);
  EXPECT_DOUBLE_EQ(metrics.rmse.value, std::sqrt(5.25 / 3));
  EXPECT_DOUBLE_EQ(metrics.mae.value, 3.5 / 3);
  // Two users give three samples: the first twice, the second twice, both.
  EXPECT_DOUBLE_EQ(metrics.mse.low, 0.25);
  EXPECT_DOUBLE_EQ(metrics.mse.high, 2.5);
}

TEST(RatingMetrics, NoRatingsGiveZeros) {
  Parallel parallel(1);
  const RatingMetrics metrics = rating_metrics({}, parallel);
  EXPECT_EQ(metrics.rmse.value, 0);
  EXPECT_EQ(metrics.rmse.low, 0);
  EXPECT_EQ(metrics.rmse.high, 0);
}

// Normal errors of `num_users` users with a spread of their own each, ten ratings a user.
UserErrors simulated_errors(Index num_users, std::uint64_t stream, double bias = 0) {
  Rng rng(11, stream);
  UserErrors errors;
  for (Index user = 0; user < num_users; ++user) {
    const double spread = 0.5 + rng.uniform();
    double squared = 0;
    double absolute = 0;
    for (int rating = 0; rating < 10; ++rating) {
      const double error = bias + spread * rng.normal();
      squared += error * error;
      absolute += std::abs(error);
    }
    errors.counts.push_back(10);
    errors.squared.push_back(squared);
    errors.absolute.push_back(absolute);
  }
  return errors;
}

TEST(RatingMetrics, TheIntervalCoversTheTruthAboutAsOftenAsItSays) {
  // E[(0.5 + U)^2] with U uniform in [0, 1).
  const double truth = 0.25 + 0.5 + 1.0 / 3;
  Parallel parallel(2);
  int covered = 0;
  constexpr int kTrials = 400;
  for (int trial = 0; trial < kTrials; ++trial) {
    const RatingMetrics metrics =
        rating_metrics(simulated_errors(200, static_cast<std::uint64_t>(trial)), parallel, {.draws = 400});
    if (metrics.mse.low <= truth && truth <= metrics.mse.high) ++covered;
  }
  // 95 % of 400 is 380 with a standard deviation of 4.4; percentile intervals of 200 users are slightly short.
  EXPECT_GE(covered, 362);
  EXPECT_LE(covered, 394);
}

TEST(RatingMetrics, DrawsDoNotDependOnTheThreads) {
  Parallel one(1);
  Parallel three(3);
  const UserErrors errors = simulated_errors(100, 5);
  EXPECT_EQ(rating_metrics(errors, one).rmse_draws, rating_metrics(errors, three).rmse_draws);
}

TEST(RatingMetrics, APairedDifferenceIsNarrowerThanItsParts) {
  Parallel parallel(1);
  const UserErrors errors = simulated_errors(100, 5);
  UserErrors worse = errors;
  for (double& squared : worse.squared) squared *= 1.1;
  const RatingMetrics model = rating_metrics(worse, parallel);
  const RatingMetrics reference = rating_metrics(errors, parallel);
  const Interval difference = rmse_difference(model, reference);
  EXPECT_DOUBLE_EQ(difference.value, model.rmse.value - reference.rmse.value);
  EXPECT_GT(difference.low, 0) << "every draw is worse by the same factor";
  EXPECT_LT(difference.high - difference.low, 0.2 * (reference.rmse.high - reference.rmse.low));
  const Interval itself = rmse_difference(reference, reference);
  EXPECT_EQ(itself.low, 0);
  EXPECT_EQ(itself.high, 0);
}

TEST(RatingMetrics, OtherDrawsAreNotCompared) {
  Parallel parallel(1);
  const UserErrors errors = simulated_errors(10, 5);
  EXPECT_THROW(rmse_difference(rating_metrics(errors, parallel, {.draws = 10}), rating_metrics(errors, parallel)), Error);
}

}  // namespace
}  // namespace palate
