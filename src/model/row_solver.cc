#include "model/row_solver.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace palate {

FixedSide fixed_users(const Factors& model) {
  return {model.global_mean, model.user_bias, model.user_factors.view()};
}

FixedSide fixed_items(const Factors& model) {
  return {model.global_mean, model.item_bias, model.item_factors.view()};
}

Ridge ridge_of(const AlsOptions& options, const RatingRange& range) {
  using Limits = std::numeric_limits<float>;
  const double width = range.high > range.low ? static_cast<double>(range.high) - range.low : 1;
  const double lambda =
      std::clamp(options.regularization * width, double{Limits::min()}, double{Limits::max()});
  return {static_cast<float>(lambda), options.regularization_exponent, options.bias_regularization};
}

RowSolver::RowSolver(Index factors, const Ridge& ridge)
    : kernels_(kernels()),
      factors_(factors),
      ridge_(ridge),
      targets_(kernels_.batch(factors)),
      equations_(kernels_.batch(factors)),
      matrices_(kernels_.batch(factors), static_cast<Index>(kernels_.equations_size(factors))),
      scratch_(1, static_cast<Index>(kernels_.solve_scratch(factors))) {}

double RowSolver::solve(const FixedSide& fixed, std::span<const SparseRow> rows,
                        std::span<const RowSolution> solutions, bool measure) {
  const auto ratings_of = [&](std::size_t r) {
    return RowRatings{.row = {rows[r].columns, targets_[r]}, .y = fixed.factors};
  };
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Index n = rows[r].size();
    targets_[r].resize(n);
    double sum = 0;
    for (Index t = 0; t < n; ++t) {
      targets_[r][t] = rows[r].values[t] - (fixed.global_mean + fixed.bias[rows[r].columns[t]]);
      sum += targets_[r][t];
    }
    const auto count = static_cast<float>(n);
    equations_[r] = {.matrix = matrices_.row(static_cast<Index>(r)).data(),
                     .count = count,
                     .target_sum = static_cast<float>(sum),
                     .regularization = ridge_.factors * std::pow(count, ridge_.exponent),
                     .bias_regularization = ridge_.bias};
    kernels_.row_equations(ratings_of(r), nullptr, equations_[r].matrix);
  }
  kernels_.solve_rows(equations_.data(), static_cast<Index>(rows.size()), factors_,
                      solutions.data(), scratch_.data());
  double error = 0;
  for (std::size_t r = 0; measure && r < rows.size(); ++r) {
    error += kernels_.squared_error(ratings_of(r), solutions[r].factors, *solutions[r].bias);
  }
  return error;
}

}  // namespace palate
