// Biased matrix factorization by alternating least squares: palate/algorithms/als.h has the
// objective.
//
// With the users held fixed each item's bias and factors are a ridge regression of their own, and
// the other way round. mu begins as the mean of the ratings and takes the mean of a side's biases
// before that side is solved, at equal predictions and a lower penalty: no half-step raises the
// objective.
#include "palate/algorithms/als.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/random.h"
#include "model/half_step.h"
#include "train/epochs.h"
#include "train/mean_bias.h"
#include "train/warm_start.h"

namespace palate {
namespace {

// Factors are in units of the square root of a rating: lambda grows with the scale of ratings, so
// that the same options suit stars and percents.
RowObjective objective_of(const AlsOptions& options, const RatingRange& range) {
  const double width = range.high > range.low ? static_cast<double>(range.high) - range.low : 1;
  return {.ridge = {.factors = positive_lambda(options.regularization * width),
                    .exponent = options.regularization_exponent,
                    .bias = options.bias_regularization}};
}

// Small random user factors, so that the items' first half-step is about their biases; zero where a
// user has no ratings.
Factors initial_factors(const Dataset& data, const AlsOptions& options) {
  constexpr double kSpread = 0.05;
  const double width = static_cast<double>(data.range().high) - data.range().low;
  const double scale = kSpread * std::sqrt(std::max(width, 0.0));
  Factors factors(data.num_users(), data.num_items(), options.factors);
  factors.global_mean = static_cast<float>(data.mean());
  for (Index user = 0; user < data.num_users(); ++user) {
    if (data.by_user().row(user).size() == 0) continue;
    Rng rng(options.seed, user);
    for (float& value : factors.user_factors.row(user))
      value = static_cast<float>(scale * rng.normal());
  }
  return factors;
}

}  // namespace

TrainResult train(const Dataset& data, const AlsOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const RowObjective objective = objective_of(options, data.range());
  HalfStep items(data.by_item(), options.factors, objective, context.parallel);
  HalfStep users(data.by_user(), options.factors, objective, context.parallel);
  const auto one_epoch = [&](Factors& model, Index) {
    move_mean_bias(data.by_item(), model.item_bias, model.global_mean);
    items(fixed_users(model), items_of(model));
    move_mean_bias(data.by_user(), model.user_bias, model.global_mean);
    // Users last: they fit the items that are stored.
    return users(fixed_items(model), users_of(model), true) / static_cast<double>(data.size());
  };
  Scorer initial = scorer_of(data, started(context, initial_factors(data, options)));
  initial.row = objective;
  return run_epochs(std::move(initial), options.epochs, context,
                    fmt::format("a higher regularization than {}, or ratings on a smaller scale",
                                options.regularization),
                    one_epoch);
}

}  // namespace palate
