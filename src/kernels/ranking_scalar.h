// Steps of ranking losses, in plain loops. kernels.h has the formulas.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "kernels/kernels.h"

namespace palate::scalar {

inline double softmax_gradients(const SampledScores& scores) {
  double loss = 0;
  for (Index t = 0; t < scores.columns; ++t) {
    float* const sampled = scores.sampled + t;
    float most = scores.chosen[t];
    for (Index j = 0; j < scores.rows; ++j) most = std::max(most, sampled[j * scores.stride]);
    float others = 0;
    for (Index j = 0; j < scores.rows; ++j) {
      float& score = sampled[j * scores.stride];
      score = std::exp(score - most);
      others += score;
    }
    const float all = std::exp(scores.chosen[t] - most) + others;
    const float weight = scores.weights[t];
    loss += static_cast<double>(weight * (most + std::log(all) - scores.chosen[t]));
    for (Index j = 0; j < scores.rows; ++j) sampled[j * scores.stride] *= weight / all;
    scores.chosen[t] = weight * (others / all);
  }
  return loss;
}

inline float dot(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
}

inline void products(const RowGroups& groups, MatrixView x, MatrixView y, float* products) {
  for (std::size_t n = 0; n < groups.rows.size(); ++n) {
    for (Index p = groups.starts[n]; p < groups.starts[n + 1]; ++p)
      products[p] = dot(x.row(groups.rows[n]), y.row(groups.others[p]));
  }
}

inline void descend(const RowGroups& groups, const RowDescent& step, MatrixView y,
                    MutableMatrixView x, float* squares) {
  std::vector<float> g(x.cols);
  for (std::size_t n = 0; n < groups.rows.size(); ++n) {
    const std::span<float> row = x.row(groups.rows[n]);
    float& sum = squares[groups.rows[n]];
    for (Index i = 0; i < x.cols; ++i) g[i] = step.regularization * step.weights[n] * row[i];
    for (Index p = groups.starts[n]; p < groups.starts[n + 1]; ++p) {
      const std::span<const float> other = y.row(groups.others[p]);
      for (Index i = 0; i < x.cols; ++i) g[i] += step.multiples[p] * other[i];
    }
    if (step.unit) {
      const float along = dot(g, row);
      for (Index i = 0; i < x.cols; ++i) g[i] -= along * row[i];
    }
    sum += dot(g, g);
    const float rate = step.learning_rate / std::sqrt(sum);
    for (Index i = 0; i < x.cols; ++i) row[i] -= rate * g[i];
    if (!step.unit) continue;
    const float length = std::sqrt(dot(row, row));
    for (float& one : row) one /= length;
  }
}

}  // namespace palate::scalar
