#include "model/row_solver.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace palate {
namespace {

// Biases alone: b = sum_t (r_t - mu - b_t) / (n + kappa).
double solve_bias(const FixedSide& fixed, SparseRow row, float kappa, float& bias, bool measure) {
  const auto target = [&](Index t) {
    return static_cast<double>(row.values[t]) - static_cast<double>(fixed.global_mean) -
           static_cast<double>(fixed.bias[row.columns[t]]);
  };
  double sum = 0;
  for (Index t = 0; t < row.size(); ++t) sum += target(t);
  const double solution = sum / (static_cast<double>(kappa) + row.size());
  bias = static_cast<float>(solution);
  double error = 0;
  for (Index t = 0; measure && t < row.size(); ++t) error += std::pow(target(t) - solution, 2);
  return error;
}

}  // namespace

FixedSide fixed_users(const Factors& model) {
  return {model.global_mean, model.user_bias, model.user_factors.view()};
}

FixedSide fixed_items(const Factors& model) {
  return {model.global_mean, model.item_bias, model.item_factors.view()};
}

float positive_lambda(double lambda) {
  using Limits = std::numeric_limits<float>;
  return static_cast<float>(std::clamp(lambda, double{Limits::min()}, double{Limits::max()}));
}

RowSolver::RowSolver(Index factors, const RowObjective& objective)
    : kernels_(kernels()),
      factors_(factors),
      objective_(objective),
      targets_(kernels_.batch(factors)),
      equations_(kernels_.batch(factors)),
      matrices_(kernels_.batch(factors), static_cast<Index>(kernels_.equations_size(factors))),
      scratch_(1, static_cast<Index>(kernels_.solve_scratch(factors))) {}

double RowSolver::solve(const FixedSide& fixed, std::span<const SparseRow> rows,
                        std::span<const RowSolution> solutions, bool measure) {
  double error = 0;
  if (factors_ == 0) {
    for (std::size_t r = 0; r < rows.size(); ++r)
      error += solve_bias(fixed, rows[r], kappa_of<float>(objective_, rows[r].size()),
                          *solutions[r].bias, measure);
    return error;
  }
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
                     .regularization = lambda_of<float>(objective_, n),
                     .bias_regularization = kappa_of<float>(objective_, n)};
    kernels_.row_equations(ratings_of(r), nullptr, equations_[r].matrix);
  }
  kernels_.solve_rows(equations_.data(), static_cast<Index>(rows.size()), factors_,
                      solutions.data(), scratch_.data());
  for (std::size_t r = 0; measure && r < rows.size(); ++r) {
    error += kernels_.squared_error(ratings_of(r), solutions[r].factors, *solutions[r].bias);
  }
  return error;
}

}  // namespace palate
