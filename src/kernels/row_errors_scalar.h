// The errors of a row's ratings, in plain loops. kernels.h has the formulas.
#pragma once

#include <algorithm>

#include "kernels/kernels.h"

namespace palate::scalar {

inline float error_of(const RowRatings& ratings, const float* x, Index t) {
  const std::span<const float> y = ratings.y.row(ratings.row.columns[t]);
  float error = ratings.row.values[t];
  for (Index i = 0; x != nullptr && i < y.size(); ++i) error -= x[i] * y[i];
  return error;
}

inline void row_errors(const RowRatings& ratings, const float* x, float* errors) {
  for (Index t = 0; t < ratings.row.size(); ++t) errors[t] = error_of(ratings, x, t);
}

inline void sum_errors(const RowRatings& ratings, const float* x, float* sum) {
  std::fill_n(sum, ratings.y.cols, 0.0F);
  for (Index t = 0; t < ratings.row.size(); ++t) {
    const float* const y = ratings.y.row(ratings.row.columns[t]).data();
    const float weight = ratings.weights == nullptr ? 1 : ratings.weights[t];
    const float weighted = weight * error_of(ratings, x, t);
    for (Index i = 0; i < ratings.y.cols; ++i) sum[i] += weighted * y[i];
  }
}

}  // namespace palate::scalar
