// How far predicted ratings are from actual ones, and how sure that is. Layer: eval.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "palate/index.h"
#include "palate/parallel.h"

namespace palate {

// A value with its 95 % interval.
struct Interval {
  double value = 0;
  double low = 0;
  double high = 0;
};

// The errors of one model on some test ratings, pooled by user. Several models can be compared when they have the same users
// and counts, which one split gives them.
struct UserErrors {
  std::vector<std::uint32_t> counts;  // test ratings of each user that has any
  std::vector<double> squared;        // sums of squared errors
  std::vector<double> absolute;       // sums of absolute errors
  std::uint64_t ratings() const;
};

// users, predicted and actual are as long as there are test ratings. Users are taken in ascending order of index.
UserErrors pool_by_user(std::span<const Index> users, std::span<const float> predicted, std::span<const float> actual);

struct BootstrapOptions {
  Index draws = 1000;
  std::uint64_t seed = 1;
};

struct RatingMetrics {
  Interval rmse;
  Interval mae;
  Interval mse;
  std::vector<double> rmse_draws;  // one per bootstrap draw; draw d took the same users in every model of one split
};

// RMSE, MAE and MSE with percentile intervals of a bootstrap over users: users are what a test set is a sample of, and the
// ratings of one are not independent. The intervals hold what another sample of users would change, not what another seed of
// the training would. All zero where there are no ratings.
// B. Efron, R. Tibshirani. An Introduction to the Bootstrap. 1993. Chapter 13.
RatingMetrics rating_metrics(const UserErrors& errors, Parallel& parallel, const BootstrapOptions& options = {});

// The RMSE of one model minus that of another, paired draw by draw: an interval without zero tells the two apart. Throws
// Error(invalid_argument) where the two were not measured with the same draws.
Interval rmse_difference(const RatingMetrics& model, const RatingMetrics& reference);

}  // namespace palate
