// The normal equations of a row of ratings and their solution, in plain loops. kernels.h has the
// formulas.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"

namespace palate::scalar {

// The least share of the largest diagonal element, or of n, that is added to the diagonal.
inline constexpr float kLeastRidge = 1e-5F;

inline void row_equations(const RowRatings& ratings, const float* base, float* matrix) {
  const auto [row, y, weights] = ratings;
  const Index f = y.cols;
  float* const s = matrix;
  float* const c = matrix + f;
  float* const gram = matrix + 2 * std::size_t{f};
  const std::size_t size = (2 + std::size_t{f}) * f;
  if (base == nullptr) {
    std::fill_n(matrix, size, 0.0F);
  } else {
    std::copy_n(base, size, matrix);
  }
  for (Index t = 0; t < row.size(); ++t) {
    const float* const yt = y.data + row.columns[t] * y.stride;
    const float weight = weights == nullptr ? 1 : weights[t];
    for (Index i = 0; i < f; ++i) {
      const float weighted = weight * yt[i];
      for (Index j = i; j < f; ++j) gram[std::size_t{i} * f + j] += weighted * yt[j];
      s[i] += weighted;
      c[i] += row.values[t] * weighted;
    }
  }
}

// Cholesky: G + regularization I = U^T U. Of the border remain U^-T s and U^-T c, then one
// equation for the bias alone.
inline void solve_row(const RowEquations& equations, Index f, std::size_t stride,
                      const RowSolution& solution) {
  float* const s = equations.matrix;
  float* const c = s + stride;
  float* const gram = c + stride;
  float ridge = equations.regularization;
  for (Index p = 0; p < f; ++p) ridge = std::max(ridge, kLeastRidge * gram[p * stride + p]);
  const float bias_ridge = std::max(equations.bias_regularization, kLeastRidge * equations.count);
  float schur = equations.count + bias_ridge;
  float right = equations.target_sum;
  for (Index p = 0; p < f; ++p) {
    float* const row = gram + p * stride;
    row[p] += ridge;
    for (Index q = 0; q < p; ++q) {
      const float* const above = gram + q * stride;
      for (Index j = p; j < f; ++j) row[j] -= above[p] * above[j];
      s[p] -= above[p] * s[q];
      c[p] -= above[p] * c[q];
    }
    // without rounding no pivot is less than ridge
    const float inverse = 1 / std::sqrt(std::max(row[p], ridge));
    // all that is needed of the diagonal
    row[p] = inverse;
    for (Index j = p + 1; j < f; ++j) row[j] *= inverse;
    s[p] *= inverse;
    c[p] *= inverse;
    schur -= s[p] * s[p];
    right -= s[p] * c[p];
  }
  const float bias = right / std::max(schur, bias_ridge);
  for (Index p = f; p-- > 0;) {
    const float* const row = gram + p * stride;
    float value = c[p] - bias * s[p];
    for (Index j = p + 1; j < f; ++j) value -= row[j] * solution.factors[j];
    solution.factors[p] = value * row[p];
  }
  *solution.bias = bias;
}

inline void solve_rows(const RowEquations* equations, Index count, Index factors,
                       const RowSolution* solutions, float*) {
  for (Index r = 0; r < count; ++r) solve_row(equations[r], factors, factors, solutions[r]);
}

inline double squared_error(const RowRatings& ratings, const float* x, float bias) {
  const auto [row, y, weights] = ratings;
  double sum = 0;
  for (Index t = 0; t < row.size(); ++t) {
    const float* const yt = y.data + row.columns[t] * y.stride;
    float error = row.values[t] - bias;
    for (Index i = 0; i < y.cols; ++i) error -= x[i] * yt[i];
    const double weight = weights == nullptr ? 1 : weights[t];
    sum += weight * (static_cast<double>(error) * error);
  }
  return sum;
}

}  // namespace palate::scalar
