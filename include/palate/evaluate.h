// How far predicted ratings are from actual ones, and how sure that is. Layer: eval.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "palate/index.h"

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
  std::vector<std::uint32_t> counts;     // test ratings of each user that has any
  std::vector<double> squared;           // sums of squared errors
  std::vector<double> absolute;          // sums of absolute errors
  std::uint64_t ratings() const;
};

// users, predicted and actual are as long as there are test ratings. Users are taken in ascending order of index.
UserErrors pool_by_user(std::span<const Index> users, std::span<const float> predicted, std::span<const float> actual);

struct RatingMetrics {
  Interval rmse;
  Interval mae;
  Interval mse;
};

struct BootstrapOptions {
  Index draws = 1000;
  std::uint64_t seed = 1;
};

// RMSE, MAE and MSE with percentile intervals of a bootstrap over users: users are what a test set is a sample of, and the
// ratings of one are not independent. The same draws for every model with the same number of users.
// B. Efron, R. Tibshirani. An Introduction to the Bootstrap. 1993. Chapter 13.
RatingMetrics rating_metrics(const UserErrors& errors, const BootstrapOptions& options = {});

// RMSE of `errors` minus RMSE of `reference`, over the same draws: an interval without zero tells the two apart.
Interval rmse_difference(const UserErrors& errors, const UserErrors& reference, const BootstrapOptions& options = {});

}  // namespace palate
