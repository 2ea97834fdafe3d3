#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "palate/base/error.h"
#include "palate/evaluate/evaluate.h"

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

// Normal errors of `num_users` users with a spread of their own each, from 5 to 80 ratings a user,
// few of whom have many.
UserErrors simulated_errors(Index num_users, std::uint64_t stream) {
  Rng rng(11, stream);
  UserErrors errors;
  for (Index user = 0; user < num_users; ++user) {
    const double spread = 0.5 + rng.uniform();
    const auto count = static_cast<std::uint32_t>(5 * std::exp2(4 * rng.uniform() * rng.uniform()));
    double squared = 0;
    double absolute = 0;
    for (std::uint32_t rating = 0; rating < count; ++rating) {
      const double error = spread * rng.normal();
      squared += error * error;
      absolute += std::abs(error);
    }
    errors.counts.push_back(count);
    errors.squared.push_back(squared);
    errors.absolute.push_back(absolute);
  }
  return errors;
}

TEST(RatingMetrics, TheIntervalsCoverTheTruthIn93To97OfAHundredSamplesOfUsers) {
  // E[(0.5 + U)^2] and E[0.5 + U] sqrt(2 / pi) with U uniform in [0, 1), independent of how many
  // ratings a user has.
  const double mse = 0.25 + 0.5 + 1.0 / 3;
  const double mae = std::sqrt(2 / std::numbers::pi);
  Parallel parallel(2);
  constexpr int kTrials = 2000;
  int mse_covered = 0;
  int rmse_covered = 0;
  int mae_covered = 0;
  const auto covers = [](const Interval& interval, double truth) {
    return interval.low <= truth && truth <= interval.high;
  };
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    const RatingMetrics metrics =
        rating_metrics(simulated_errors(200, trial), parallel, {.draws = 400});
    mse_covered += covers(metrics.mse, mse);
    rmse_covered += covers(metrics.rmse, std::sqrt(mse));
    mae_covered += covers(metrics.mae, mae);
  }
  for (const int covered : {mse_covered, rmse_covered, mae_covered}) {
    EXPECT_GE(covered, 0.93 * kTrials);
    EXPECT_LE(covered, 0.97 * kTrials);
  }
}

TEST(RatingMetrics, EqualsAreToldApartInFiveOfAHundredSamplesOfUsers) {
  // Two models that share half of their errors, equally good on the whole.
  Parallel parallel(2);
  constexpr int kTrials = 1000;
  int covered = 0;
  int significant = 0;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    Rng rng(12, trial);
    UserErrors one;
    UserErrors other;
    for (Index user = 0; user < 150; ++user) {
      const double spread = 0.5 + rng.uniform();
      for (UserErrors* const errors : {&one, &other}) {
        errors->counts.push_back(10);
        errors->squared.push_back(0);
        errors->absolute.push_back(0);
      }
      for (int rating = 0; rating < 10; ++rating) {
        const double shared = spread * rng.normal();
        for (UserErrors* const errors : {&one, &other})
          errors->squared.back() += std::pow(shared + spread * rng.normal(), 2);
      }
    }
    const RatingMetrics model = rating_metrics(one, parallel, {.draws = 400});
    const RatingMetrics reference = rating_metrics(other, parallel, {.draws = 400});
    const Interval difference = rmse_difference(model, reference);
    covered += difference.low <= 0 && 0 <= difference.high;
    significant += rmse_p_value(model, reference) < 0.05;
  }
  EXPECT_GE(covered, 0.93 * kTrials);
  EXPECT_LE(covered, 0.97 * kTrials);
  EXPECT_GE(significant, 0.03 * kTrials);
  EXPECT_LE(significant, 0.07 * kTrials);
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
  EXPECT_THROW(rmse_difference(rating_metrics(errors, parallel, {.draws = 10}),
                               rating_metrics(errors, parallel)),
               Error);
}

TEST(RatingMetrics, HandWorkedDrawsGiveTheirPValue) {
  const auto with_draws = [](std::vector<double> draws) {
    RatingMetrics metrics;
    metrics.rmse_draws = std::move(draws);
    return metrics;
  };
  const RatingMetrics reference = with_draws(std::vector<double>(9, 1.0));
  const auto p_value = [&](std::vector<double> draws) {
    return rmse_p_value(with_draws(std::move(draws)), reference);
  };
  EXPECT_DOUBLE_EQ(p_value({2, 2, 2, 2, 2, 2, 2, 2, 2}), 2 * 1 / 10.0) << "all above";
  EXPECT_DOUBLE_EQ(p_value({0, 0, 0, 0, 0, 0, 0, 0, 0}), 2 * 1 / 10.0) << "all below";
  EXPECT_DOUBLE_EQ(p_value({2, 2, 2, 0, 2, 2, 1, 2, 2}), 2 * 3 / 10.0) << "one below, one equal";
  EXPECT_DOUBLE_EQ(p_value({2, 0, 2, 0, 2, 0, 2, 0, 2}), 1) << "never above 1";
  EXPECT_DOUBLE_EQ(p_value({1, 1, 1, 1, 1, 1, 1, 1, 1}), 1) << "the same model";
  EXPECT_THROW(p_value({2}), Error);
}

}  // namespace
}  // namespace palate
