#include "model/row_descent.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace palate {
namespace {

float lambda_of_row(const RowObjective& objective, SparseRow weights) {
  return lambda_of<float>(objective,
                          std::accumulate(weights.values.begin(), weights.values.end(), 0.0));
}

// Sums side by side, which the compiler turns into vectors.
float dot(const std::vector<float>& a, const std::vector<float>& b) {
  constexpr std::size_t kTogether = 8;
  std::array<float, kTogether> sums{};
  const std::size_t whole = a.size() / kTogether * kTogether;
  for (std::size_t i = 0; i < whole; i += kTogether) {
    for (std::size_t j = 0; j < kTogether; ++j) sums[j] += a[i + j] * b[i + j];
  }
  float sum = std::accumulate(sums.begin(), sums.end(), 0.0F);
  for (std::size_t i = whole; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

ConjugateGradient::ConjugateGradient(Index factors, const RowObjective& objective, Index steps,
                                     const Kernels& table)
    : kernels_(table),
      factors_(factors),
      objective_(objective),
      steps_(steps),
      diagonal_(factors),
      residual_(factors),
      direction_(factors),
      image_(factors) {}

double ConjugateGradient::solve(const FixedSide& fixed, std::span<const SparseRow> rows,
                                std::span<const RowSolution> solutions, bool measure) {
  double error = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    improve(fixed, rows[r], solutions[r].factors);
    if (!measure) continue;
    targets_.assign(rows[r].size(), 1);
    error +=
        kernels_.squared_error({{rows[r].columns, targets_}, fixed.factors, rows[r].values.data()},
                               solutions[r].factors, 0);
  }
  return error;
}

void ConjugateGradient::improve(const FixedSide& fixed, SparseRow row, float* x) {
  const float lambda = lambda_of_row(objective_, row);
  for (Index p = 0; p < factors_; ++p) diagonal_[p] = fixed.axes[p] + lambda;
  targets_.assign(row.size(), 1);
  const RowRatings weights{{row.columns, targets_}, fixed.factors, row.values.data()};
  kernels_.sum_errors(weights, x, residual_.data());
  for (Index p = 0; p < factors_; ++p) {
    residual_[p] -= diagonal_[p] * x[p];
    direction_[p] = residual_[p] / diagonal_[p];
  }
  std::ranges::fill(targets_, 0.0F);
  float product = dot(residual_, direction_);
  for (Index step = 0; step < steps_; ++step) {
    kernels_.sum_errors(weights, direction_.data(), image_.data());
    for (Index p = 0; p < factors_; ++p) image_[p] = diagonal_[p] * direction_[p] - image_[p];
    const float length = product / dot(direction_, image_);
    // not where the residual is 0, nor where numbers are too large for a float
    if (!(length > 0 && length <= std::numeric_limits<float>::max())) return;
    for (Index p = 0; p < factors_; ++p) {
      x[p] += length * direction_[p];
      residual_[p] -= length * image_[p];
      image_[p] = residual_[p] / diagonal_[p];
    }
    const float next = dot(residual_, image_);
    const float share = next / product;
    for (Index p = 0; p < factors_; ++p) direction_[p] = image_[p] + share * direction_[p];
    product = next;
  }
}

Subspace::Subspace(Index factors, const RowObjective& objective, Index block, const Kernels& table)
    : kernels_(table),
      factors_(factors),
      objective_(objective),
      block_(std::min(block, factors)),
      // the last block may have fewer factors
      scratch_(1, static_cast<Index>(std::max(table.solve_scratch(block_),
                                              table.solve_scratch(factors % block_)))) {}

double Subspace::solve(const FixedSide& fixed, std::span<const SparseRow> rows,
                       std::span<const RowSolution> solutions, bool measure) {
  if (errors_.size() < rows.size()) {
    errors_.resize(rows.size());
    matrices_ = Matrix(static_cast<Index>(rows.size()),
                       static_cast<Index>(kernels_.equations_size(block_)));
    solved_ = Matrix(static_cast<Index>(rows.size()), block_);
  }
  lambdas_.clear();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    lambdas_.push_back(lambda_of_row(objective_, rows[r]));
    errors_[r].assign(rows[r].size(), 1);
    kernels_.row_errors({{rows[r].columns, errors_[r]}, fixed.factors}, solutions[r].factors,
                        errors_[r].data());
  }
  for (Index first = 0; first < factors_; first += block_)
    improve(fixed, {first, std::min(first + block_, factors_)}, rows, solutions);
  double error = 0;
  for (std::size_t r = 0; measure && r < rows.size(); ++r) {
    for (Index t = 0; t < rows[r].size(); ++t) {
      const double of_pair = double{errors_[r][t]};
      error += double{rows[r].values[t]} * of_pair * of_pair;
    }
  }
  return error;
}

// The gradient of the block is that of the errors as they are, so that the equations are those of a
// step whose targets are the errors.
void Subspace::improve(const FixedSide& fixed, IndexRange block, std::span<const SparseRow> rows,
                       std::span<const RowSolution> solutions) {
  const MatrixView y{fixed.factors.data + block.first, fixed.factors.rows, block.size(),
                     fixed.factors.stride};
  const std::size_t stride = kernels_.equations_stride(block.size());
  float bias = 0;
  equations_.clear();
  steps_.clear();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    float* const matrix = matrices_.row(static_cast<Index>(r)).data();
    kernels_.row_equations({{rows[r].columns, errors_[r]}, y, rows[r].values.data()}, nullptr,
                           matrix);
    for (std::size_t p = 0; p < block.size(); ++p) {
      const float axis = fixed.axes[block.first + p];
      matrix[(2 + p) * stride + p] += axis;
      matrix[stride + p] -= (axis + lambdas_[r]) * solutions[r].factors[block.first + p];
    }
    equations_.push_back({.matrix = matrix,
                          .regularization = lambdas_[r],
                          .bias_regularization = std::numeric_limits<float>::infinity()});
    steps_.push_back({solved_.row(static_cast<Index>(r)).data(), &bias});
  }
  kernels_.solve_rows(equations_.data(), static_cast<Index>(rows.size()), block.size(),
                      steps_.data(), scratch_.data());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (Index p = 0; p < block.size(); ++p)
      solutions[r].factors[block.first + p] += steps_[r].factors[p];
    kernels_.row_errors({{rows[r].columns, errors_[r]}, y}, steps_[r].factors, errors_[r].data());
  }
}

}  // namespace palate
