// Baselines: the mean of the ratings, and the mean with a bias for each user and each item.
//
// `bias` finds b that approaches the minimum of
//
//   sum_{u,i rated} (r_ui - mu - b_u - b_i)^2 + lambda_user sum_u b_u^2 + lambda_item sum_i b_i^2
//
// by solving the items, then the users, then the items again:
//
//   b_i = sum_u (r_ui - mu - b_u) / (lambda_item + n_i)
//   b_u = sum_i (r_ui - mu - b_i) / (lambda_user + n_u)
//
// Y. Koren. Factor in the neighbors: scalable and accurate collaborative filtering. TKDD 4(1),
// 2010. Section 2.1.
#include <utility>

#include "train/epochs.h"
#include "train/warm_start.h"

namespace palate {
namespace {

// Solves the bias of every row, given those of the columns. Returns the sum of squared errors after
// it. Rows without ratings keep theirs, which is zero.
double solve_biases(const SparseMatrix& ratings, double mean, std::span<const float> column_bias,
                    float regularization, std::span<float> row_bias, Parallel& parallel) {
  constexpr Index kGrain = 4096;
  return parallel.sum_ranges(ratings.rows(), kGrain, [&](IndexRange range) {
    double error = 0;
    for (const Index r : range) {
      const SparseRow row = ratings.row(r);
      if (row.size() == 0) continue;
      double sum = 0;
      double squares = 0;
      for (Index t = 0; t < row.size(); ++t) {
        const double target = row.values[t] - mean - column_bias[row.columns[t]];
        sum += target;
        squares += target * target;
      }
      const double bias = sum / (static_cast<double>(regularization) + row.size());
      row_bias[r] = static_cast<float>(bias);
      error += squares - bias * (2 * sum - row.size() * bias);  // sum of (target - bias)^2
    }
    return error;
  });
}

Factors mean_alone(const Dataset& data) {
  Factors factors(data.num_users(), data.num_items(), 0);
  factors.global_mean = static_cast<float>(data.mean());
  return factors;
}

}  // namespace

TrainResult train_bias(const Dataset& data, const BiasOptions& options, TrainContext& context) {
  const std::string advice = "ratings on a smaller scale";
  Factors initial = mean_alone(data);
  if (context.start) take_over(*context.start, initial);
  initial.global_mean = static_cast<float>(data.mean());
  return run_epochs(
      std::move(initial), options.epochs, context, advice, [&](Factors& model, Index) {
        const double mean = data.mean();
        solve_biases(data.by_item(), mean, model.user_bias, options.item_regularization,
                     model.item_bias, context.parallel);
        const double error =
            solve_biases(data.by_user(), mean, model.item_bias, options.user_regularization,
                         model.user_bias, context.parallel);
        return error / static_cast<double>(data.size());
      });
}

TrainResult train_mean(const Dataset& data, const MeanOptions&, TrainContext& context) {
  const std::string advice = "ratings on a smaller scale";
  return run_epochs(mean_alone(data), 1, context, advice, [&](Factors&, Index) {
    double squares = 0;
    for (const float value : data.values())
      squares += (value - data.mean()) * (value - data.mean());
    return squares / static_cast<double>(data.size());
  });
}

}  // namespace palate
