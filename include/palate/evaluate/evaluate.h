// How far predicted ratings are from actual ones, and how sure that is. Layer: eval.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "palate/base/index.h"
#include "palate/base/parallel.h"

namespace palate {

// A value with its 95 % interval.
struct Interval {
  double value = 0;
  double low = 0;
  double high = 0;
};

// The errors of one model on some test ratings, pooled by user. Several models can be compared when
// they have the same users and counts, which one split gives them.
struct UserErrors {
  std::vector<std::uint32_t> counts;  // test ratings of each user that has any
  std::vector<double> squared;        // sums of squared errors
  std::vector<double> absolute;       // sums of absolute errors
  std::uint64_t ratings() const;
};

// users, predicted and actual are as long as there are test ratings. Users are taken in ascending
// order of index.
UserErrors pool_by_user(std::span<const Index> users, std::span<const float> predicted,
                        std::span<const float> actual);

struct BootstrapOptions {
  Index draws = 1000;
  std::uint64_t seed = 1;
};

struct RatingMetrics {
  Interval rmse;
  Interval mae;
  Interval mse;
  // one per bootstrap draw; draw d took the same users in every model of one split
  std::vector<double> rmse_draws;
};

// RMSE, MAE and MSE with percentile intervals of a bootstrap over users: users are what a test set
// is a sample of, and the ratings of one are not independent. The intervals hold what another
// sample of users would change, not what another seed of the training would. All zero where there
// are no ratings. B. Efron, R. Tibshirani. An Introduction to the Bootstrap. 1993. Chapter 13.
RatingMetrics rating_metrics(const UserErrors& errors, Parallel& parallel,
                             const BootstrapOptions& options = {});

// The RMSE of one model minus that of another, paired draw by draw: an interval without zero tells
// the two apart. Throws Error(invalid_argument) where the two were not measured with the same
// draws.
Interval rmse_difference(const RatingMetrics& model, const RatingMetrics& reference);

// How often two models that are equally good would differ in RMSE as far as these two, or farther:
// of D paired draws, with k of them not above zero and l not below it,
//
//   p = 2 (min(k, l) + 1) / (D + 1), at most 1
//
// Throws as rmse_difference does.
// A. Davison, D. Hinkley. Bootstrap Methods and their Application. 1997. Chapter 4.
double rmse_p_value(const RatingMetrics& model, const RatingMetrics& reference);

// The p-values of several tests, each raised so that taking those below 0.05 for differences errs
// even once in no more than 5 % of all such comparisons. The k-th least of n becomes the greatest
// of (n - j + 1) p_j over j = 1 .. k, at most 1. In the order given. Where all are comparisons with
// the model that these same ratings made the best, it errs somewhat more often: among three
// independent equals in about 6 %, among ten in about 15 % of all such tables (simulated). S. Holm.
// A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6,
// 1979.
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace palate
