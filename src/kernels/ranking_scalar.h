// Steps of ranking losses, in plain loops. kernels.h has the formulas.
#pragma once

#include <algorithm>
#include <cmath>
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

inline void descend(const RowRatings& gradients, const RowDescent& step, float* x, float* squares) {
  const Index f = gradients.y.cols;
  const auto dot = [f](const float* a, const float* b) {
    float sum = 0;
    for (Index i = 0; i < f; ++i) sum += a[i] * b[i];
    return sum;
  };
  std::vector<float> g(x, x + f);
  for (float& one : g) one *= step.regularization;
  for (Index t = 0; t < gradients.row.size(); ++t) {
    const float* const y = gradients.y.row(gradients.row.columns[t]).data();
    for (Index i = 0; i < f; ++i) g[i] += gradients.row.values[t] * y[i];
  }
  if (step.unit) {
    const float along = dot(g.data(), x);
    for (Index i = 0; i < f; ++i) g[i] -= along * x[i];
  }
  *squares += dot(g.data(), g.data());
  const float rate = step.learning_rate / std::sqrt(*squares);
  for (Index i = 0; i < f; ++i) x[i] -= rate * g[i];
  if (!step.unit) return;
  const float length = std::sqrt(dot(x, x));
  for (Index i = 0; i < f; ++i) x[i] /= length;
}

}  // namespace palate::scalar
