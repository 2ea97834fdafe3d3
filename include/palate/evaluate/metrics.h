// How good a model is by any metric, how sure that is, and what the difference to another model is
// worth. Layer: eval.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "palate/base/index.h"
#include "palate/base/parallel.h"
#include "palate/evaluate/metric.h"

namespace palate {

// What each user contributed to one metric of one model. Over any users,
//
//   metric = sum of sums / sum of weights, its root where the metric is one
//
// and 0 where the weights are all 0. The RMSE of three users, say, is made of their squared errors
// added up and of how many ratings each has.
struct UserSums {
  std::vector<double> sum;
  std::vector<double> weight;
};

struct BootstrapOptions {
  Index draws = 1000;
  std::uint64_t seed = 1;
  // Where there are more users, they are dealt out to kUserBuckets buckets at random, by the seed
  // alone, and whole buckets are drawn in place of users: the random groups of survey statistics.
  // Then a draw of ten million users takes no longer than one of few, and the interval is nearly
  // the same.
  //
  // K. Wolter. Introduction to Variance Estimation. 2007. Chapter 2.
  Index pool_above = 100'000;
  // Asked by the calling thread from time to time. True ends the drawing, and no figure has an
  // interval.
  std::function<bool()> stop_requested{};
};
constexpr Index kUserBuckets = 20'000;

struct Measured {
  Metric metric;
  Interval interval;
  // The metric in each bootstrap draw; draw d took the same users in every model of one split, or
  // the same buckets of the same users.
  // Empty for a figure without an interval, whose low and high are then its value.
  std::vector<double> draws;
};

// Each metric with a percentile interval of a bootstrap over users: users are what a test set is a
// sample of, and what one of them did is not independent. The intervals hold what another sample of
// users would change, not what another seed of the training would. All is zero where there are no
// users. sums[m] belongs to metrics[m]; each holds the same users in the same order.
//
// Errors:      invalid_argument  sums that are not as long as one another, or not one for each
//                                metric
// Guarantees:  the same bits for any number of threads.
//
// B. Efron, R. Tibshirani. An Introduction to the Bootstrap. 1993. Chapter 13.
std::vector<Measured> bootstrap(std::span<const Metric> metrics, std::span<const UserSums> sums,
                                Parallel& parallel, const BootstrapOptions& options = {});

// The one of that name, or null.
const Measured* find_metric(std::span<const Measured> measured, std::string_view name);

// The metric of one model minus that of another, paired draw by draw: an interval without zero
// tells the two apart.
//
// Errors:  invalid_argument  two that were not measured with the same draws
Interval difference(const Measured& model, const Measured& reference);

// How often two models that are equally good would differ as far as these two, or farther: of D
// paired draws, with k of them not above zero and l not below it,
//
//   p = 2 (min(k, l) + 1) / (D + 1), at most 1
//
// It fails as difference() does.
//
// A. Davison, D. Hinkley. Bootstrap Methods and their Application. 1997. Chapter 4.
double p_value(const Measured& model, const Measured& reference);

// The p-values of several tests, each raised so that taking those below 0.05 for differences errs
// even once in no more than 5 % of all such comparisons. The k-th least of n becomes the greatest
// of (n - j + 1) p_j over j = 1 .. k, at most 1. They come back in the order given.
//
// Where all are comparisons with the model that these same ratings made the best, it errs somewhat
// more often: among three independent equals in about 6 %, among ten in about 15 % of all such
// tables (simulated).
//
// S. Holm. A simple sequentially rejective multiple test procedure. Scandinavian Journal of
// Statistics 6, 1979.
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace palate
