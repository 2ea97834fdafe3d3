#include "palate/model/fold_in.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/fail.h"
#include "model/row_solver.h"

namespace palate {
namespace {

// The row solver asks for more than nothing.
float positive(double lambda) {
  using Limits = std::numeric_limits<float>;
  return static_cast<float>(std::clamp(lambda, double{Limits::min()}, double{Limits::max()}));
}

double norm(std::span<const float> values) {
  double squares = 0;
  for (const float value : values)
    squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

double standard_deviation(std::span<const float> values) {
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double squares = 0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
  return deviation > 0 ? deviation : 1;
}

// The penalties of a user with n ratings.
Ridge user_ridge(const Model& model, const AlsOptions& options, Index) {
  return ridge_of(options, model.range);
}

Ridge user_ridge(const Model& model, const SgdOptions& options, Index) {
  if (!model.has_history()) {
    fail(ErrorCode::invalid_argument,
         "the model has no history: a new user's taste cannot be found, as regularization of sgd "
         "is in units of the spread of "
         "its "
         "ratings; train without --no-history");
  }
  const double spread = standard_deviation(model.history.values);
  return {positive(options.regularization * spread), 0.5F, positive(options.bias_regularization)};
}

Ridge user_ridge(const Model& model, const GradientOptions& options, Index n) {
  constexpr float kNoBias = 1e30F;  // nothing moves a bias that costs so much
  double factors = static_cast<double>(options.regularization) * n;
  double bias = factors;
  if (options.penalty == Penalty::norm) {
    const double ratings =
        std::accumulate(model.item_support.begin(), model.item_support.end(), 0.0);
    const double half = options.regularization * ratings / 2;
    const auto divided_by = [&](double length) { return length > 0 ? half / length : 0; };
    const Matrix& users = model.factors.user_factors;
    factors = divided_by(norm({users.data(), users.rows() * users.stride()}));
    bias = divided_by(norm(model.factors.user_bias));
  }
  return {positive(factors), 0, options.biases ? positive(bias) : kNoBias};
}

FoldedUser solve(const Model& model, SparseRow ratings, const Ridge& ridge) {
  FoldedUser user{0, std::vector<float>(model.factors.num_factors())};
  const RowSolution solution{user.factors.data(), &user.bias};
  RowSolver(model.factors.num_factors(), ridge)
      .solve(fixed_items(model.factors), {&ratings, 1}, {&solution, 1}, false);
  return user;
}

struct Solver {
  const Model& model;
  SparseRow ratings;

  FoldedUser operator()(const auto& options) const {
    return solve(model, ratings, user_ridge(model, options, ratings.size()));
  }
  FoldedUser operator()(const GradientOptions& options) const {
    FoldedUser user = solve(model, ratings, user_ridge(model, options, ratings.size()));
    if (!options.biases) user.bias = 0;
    return user;
  }
  FoldedUser operator()(const BiasOptions& options) const {
    double sum = 0;
    for (Index t = 0; t < ratings.size(); ++t) {
      sum += static_cast<double>(ratings.values[t]) - model.factors.global_mean -
             model.factors.item_bias[ratings.columns[t]];
    }
    return {static_cast<float>(sum /
                               (static_cast<double>(options.user_regularization) + ratings.size())),
            {}};
  }
  FoldedUser operator()(const MeanOptions&) const { return {}; }
};

}  // namespace

FoldedUser fold_in(const Model& model, SparseRow ratings) {
  if (ratings.size() == 0) return {};
  const FoldedUser user = std::visit(Solver{model, ratings}, model.options);
  const bool finite = std::isfinite(user.bias) &&
                      std::ranges::all_of(user.factors, [](float x) { return std::isfinite(x); });
  if (!finite)
    fail(ErrorCode::bad_data, "ratings as large as {} have no finite solution",
         std::ranges::max(ratings.values));
  return user;
}

}  // namespace palate
