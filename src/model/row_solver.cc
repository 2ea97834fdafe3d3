#include "model/row_solver.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

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

void grow(Matrix& memory, std::size_t floats) {
  if (memory.cols() < floats) memory = Matrix(1, static_cast<Index>(floats));
}

}  // namespace

FixedSide fixed_users(const Factors& model) {
  return {model.global_mean, model.user_bias, model.user_factors.view(), nullptr};
}

FixedSide fixed_items(const Factors& model) {
  return {model.global_mean, model.item_bias, model.item_factors.view(), nullptr};
}

Matrix unobserved_equations(MatrixView factors, float weight, Parallel& parallel,
                            const Kernels& table) {
  constexpr Index kGrain = 512;  // rows whose products are added up before those of others
  const auto size = static_cast<Index>(table.equations_size(factors.cols));
  std::vector<Index> all(factors.rows);
  std::iota(all.begin(), all.end(), Index{0});
  const std::vector<float> zeros(std::min(kGrain, factors.rows));
  const std::vector<float> weights(zeros.size(), weight);
  Matrix parts((factors.rows + kGrain - 1) / kGrain, size);
  parallel.for_ranges(factors.rows, kGrain, [&](IndexRange range) {
    const SparseRow rows{std::span(all).subspan(range.first, range.size()),
                         std::span(zeros).first(range.size())};
    table.row_equations({rows, factors, weights.data()}, nullptr,
                        parts.row(range.first / kGrain).data());
  });
  Matrix sum(1, size);
  for (Index part = 0; part < parts.rows(); ++part)
    std::ranges::transform(sum.row(0), parts.row(part), sum.row(0).begin(), std::plus());
  return sum;
}

float positive_lambda(double lambda) {
  using Limits = std::numeric_limits<float>;
  return static_cast<float>(std::clamp(lambda, double{Limits::min()}, double{Limits::max()}));
}

RowSolver::RowSolver(Index factors, const RowObjective& objective, const Kernels& table,
                     bool has_axes)
    : kernels_(table),
      factors_(factors),
      objective_(objective),
      has_axes_(has_axes),
      few_ratings_(factors, objective, table),
      few_weights_(factors, table) {}

void RowSolver::set_equations(const FixedSide& fixed, const RowRatings& ratings, Index unknowns,
                              RowEquations& equations) {
  if (unknowns < factors_ && is_weighted()) {
    few_weights_.set_equations(ratings, fixed.axes, equations.regularization, unknowns, equations);
  } else if (unknowns < factors_) {
    few_ratings_.set_equations(ratings, unknowns, equations);
  } else {
    kernels_.row_equations(ratings, fixed.unobserved, equations.matrix);
    const std::size_t stride = kernels_.equations_stride(factors_);
    for (std::size_t p = 0; p < fixed.axes.size(); ++p)
      equations.matrix[(2 + p) * stride + p] += fixed.axes[p];
  }
}

double RowSolver::solve(const FixedSide& fixed, std::span<const SparseRow> rows,
                        std::span<const RowSolution> solutions, bool measure) {
  double error = 0;
  if (factors_ == 0) {
    for (std::size_t r = 0; r < rows.size(); ++r)
      error += solve_bias(fixed, rows[r], kappa_of<float>(objective_, rows[r].size()),
                          *solutions[r].bias, measure);
    return error;
  }
  const Index unknowns = unknowns_of(rows[0].size());
  const bool are_few = unknowns < factors_;
  // from one matrix to the next
  const std::size_t apart = padded_stride(static_cast<Index>(kernels_.equations_size(unknowns)));
  grow(matrices_, rows.size() * apart);
  grow(scratch_, kernels_.solve_scratch(unknowns));
  if (are_few) grow(unknowns_, rows.size() * unknowns);
  if (targets_.size() < rows.size()) targets_.resize(rows.size());
  ratings_.clear();
  equations_.clear();
  answers_.clear();
  lambdas_.clear();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Index n = rows[r].size();
    std::vector<float>& targets = targets_[r];
    targets.resize(n);
    double count = n;
    double sum = 0;
    if (is_weighted()) {
      std::ranges::fill(targets, 1.0F);
      sum = count = std::accumulate(rows[r].values.begin(), rows[r].values.end(), 0.0);
    } else {
      for (Index t = 0; t < n; ++t) {
        targets[t] = rows[r].values[t] - (fixed.global_mean + fixed.bias[rows[r].columns[t]]);
        sum += targets[t];
      }
    }
    ratings_.push_back({.row = {rows[r].columns, targets},
                        .y = fixed.factors,
                        .weights = is_weighted() ? rows[r].values.data() : nullptr});
    equations_.push_back({.matrix = matrices_.data() + r * apart,
                          .count = static_cast<float>(count),
                          .target_sum = static_cast<float>(sum),
                          .regularization = lambda_of<float>(objective_, count),
                          .bias_regularization = kappa_of<float>(objective_, count)});
    lambdas_.push_back(equations_[r].regularization);
    if (are_few) answers_.push_back({unknowns_.data() + r * unknowns, solutions[r].bias});
    set_equations(fixed, ratings_[r], unknowns, equations_[r]);
  }
  kernels_.solve_rows(equations_.data(), static_cast<Index>(rows.size()), unknowns,
                      are_few ? answers_.data() : solutions.data(), scratch_.data());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::span<const float> answer(are_few ? answers_[r].factors : nullptr, unknowns);
    if (are_few && is_weighted()) {
      few_weights_.set_solution(ratings_[r], fixed.axes, lambdas_[r], answer, solutions[r].factors);
    } else if (are_few) {
      few_ratings_.set_solution(ratings_[r], answer, equations_[r].target_sum, solutions[r]);
    }
    if (measure)
      error += kernels_.squared_error(ratings_[r], solutions[r].factors, *solutions[r].bias);
  }
  return error;
}

}  // namespace palate
