// Factorization of implicit feedback by alternating least squares: palate/algorithms/ials.h has the
// objective.
//
// With the users held fixed each item's factors are a weighted ridge regression of their own, and
// the other way round. What all unobserved pairs say is the same for every row, c Y^T Y, but for
// the seen ones, which add to it.
#include "palate/algorithms/ials.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "model/half_step.h"
#include "train/epochs.h"
#include "train/warm_start.h"
#include "train/weights.h"

namespace palate {
namespace {

double sum_of(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

Index count_of_filled(const SparseMatrix& rows) {
  Index count = 0;
  for (Index r = 0; r < rows.rows(); ++r) count += rows.row(r).size() > 0 ? 1 : 0;
  return count;
}

// `others` is how many there are on the other side, each of which weighs c.
RowObjective objective_of(const IalsOptions& options, double c, Index others) {
  return {.ridge = {.factors = positive_lambda(options.regularization),
                    .exponent = options.regularization_exponent,
                    .offset = positive_lambda(c * others)},
          .bias = false,
          .unobserved = positive_lambda(c)};
}

// Small random user factors; zero where a user has chosen nothing.
Factors initial_factors(const Dataset& data, const SparseMatrix& by_user,
                        const IalsOptions& options) {
  const double scale = 0.1 / std::sqrt(options.factors);
  Factors factors(data.num_users(), data.num_items(), options.factors);
  for (Index user = 0; user < data.num_users(); ++user) {
    if (by_user.row(user).size() == 0) continue;
    Rng rng(options.seed, user);
    for (float& value : factors.user_factors.row(user))
      value = static_cast<float>(scale * rng.normal());
  }
  return factors;
}

// sum_{u,i} (x_u . y_i)^2, which is the trace of X^T X Y^T Y
double sum_of_squares(const Factors& model, Parallel& parallel) {
  const Matrix of_users = unobserved_equations(model.user_factors.view(), 1, parallel);
  const Matrix of_items = unobserved_equations(model.item_factors.view(), 1, parallel);
  const std::size_t stride = kernels().equations_stride(model.num_factors());
  double sum = 0;
  for (Index p = 0; p < model.num_factors(); ++p) {
    for (Index q = p; q < model.num_factors(); ++q) {
      const std::size_t place = (2 + std::size_t{p}) * stride + q;
      sum += (p == q ? 1 : 2) * double{of_users.data()[place]} * double{of_items.data()[place]};
    }
  }
  return sum;
}

// sum_r lambda_r |x_r|^2
double penalty(const SparseMatrix& rows, const RowObjective& objective, const Matrix& factors) {
  double sum = 0;
  for (Index r = 0; r < rows.rows(); ++r) {
    const std::span<const float> x = factors.row(r);
    const double square = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
    sum += lambda_of<double>(objective, sum_of(rows.row(r).values)) * square;
  }
  return sum;
}

}  // namespace

TrainResult train(const Dataset& data, const IalsOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const std::optional<float> relevant = data.relevant();
  const Weighting weighting{.at_least = relevant,
                            .exponent = relevant ? 0 : options.weight_exponent,
                            .lower = options.lower_weight};
  const auto [by_user, by_item] = weighted(data, weighting);
  check_weights(by_user);
  const Index users = count_of_filled(by_user);
  const Index items = count_of_filled(by_item);
  const double total = sum_of(by_user.values);
  const double c = options.unobserved * total / (static_cast<double>(users) * items);
  const RowObjective of_user = objective_of(options, c, items);
  const RowObjective of_item = objective_of(options, c, users);
  HalfStep solve_items(by_item, options.factors, of_item, context.parallel);
  HalfStep solve_users(by_user, options.factors, of_user, context.parallel);
  const auto one_epoch = [&](Factors& model, Index) {
    solve_items(fixed_users(model), items_of(model));
    // Users last: they fit the items that are stored.
    const double observed = solve_users(fixed_items(model), users_of(model), true);
    const double unobserved = c * sum_of_squares(model, context.parallel);
    const double regularization = penalty(by_user, of_user, model.user_factors) +
                                  penalty(by_item, of_item, model.item_factors);
    return EpochLoss::sum_of({observed / total, unobserved / total, regularization / total});
  };
  Scorer initial =
      scorer_of(data, started(context, initial_factors(data, by_user, options)), weighting);
  initial.row = of_user;
  return run_epochs(std::move(initial), options.epochs, context,
                    fmt::format("a higher regularization than {}", options.regularization),
                    one_epoch, {"train_observed", "train_unobserved", "train_regularization"});
}

}  // namespace palate
