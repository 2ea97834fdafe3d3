#include "model/few_weights.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/least_squares_scalar.h"

namespace palate {

FewWeights::FewWeights(Index factors, const Kernels& kernels)
    : kernels_(kernels), numbers_(factors), zeros_(factors), inverse_(factors) {
  std::iota(numbers_.begin(), numbers_.end(), Index{0});
}

void FewWeights::invert(const RowRatings& ratings, std::span<const float> axes, float lambda) {
  std::ranges::copy(axes, inverse_.begin());
  for (Index t = 0; t < ratings.row.size(); ++t) {
    const float* const y = ratings.y.row(ratings.row.columns[t]).data();
    const float weight = ratings.weights[t];
    for (std::size_t p = 0; p < inverse_.size(); ++p) inverse_[p] += weight * y[p] * y[p];
  }
  const float ridge = std::max(lambda, scalar::kLeastRidge * std::ranges::max(inverse_));
  for (std::size_t p = 0; p < inverse_.size(); ++p) inverse_[p] = 1 / (axes[p] + ridge);
}

void FewWeights::take_roots(const RowRatings& ratings) {
  roots_.resize(ratings.row.size());
  for (Index t = 0; t < ratings.row.size(); ++t) roots_[t] = std::sqrt(ratings.weights[t]);
}

void FewWeights::set_equations(const RowRatings& ratings, std::span<const float> axes, float lambda,
                               Index unknowns, RowEquations& equations) {
  const Index n = ratings.row.size();
  const Index factors = ratings.y.cols;
  invert(ratings, axes, lambda);
  take_roots(ratings);
  for (float& value : inverse_) value = std::sqrt(value);
  columns_.assign(std::size_t{factors} * unknowns, 0);
  constexpr Index kTogether = 16;  // floats of a cache line
  for (Index first = 0; first < factors; first += kTogether) {
    const Index last = std::min(first + kTogether, factors);
    for (Index t = 0; t < n; ++t) {
      const float* const y = ratings.y.row(ratings.row.columns[t]).data();
      for (Index p = first; p < last; ++p)
        columns_[std::size_t{p} * unknowns + t] = roots_[t] * y[p] * inverse_[p];
    }
  }
  // The matrix is a sum over the columns, as G is one over the rows of Y.
  kernels_.row_equations({{numbers_, zeros_}, {columns_.data(), factors, unknowns, unknowns}},
                         nullptr, equations.matrix);
  std::ranges::copy(roots_, equations.matrix + kernels_.equations_stride(unknowns));
  equations.regularization = 1;
  equations.bias_regularization = std::numeric_limits<float>::infinity();
}

void FewWeights::set_solution(const RowRatings& ratings, std::span<const float> axes, float lambda,
                              std::span<const float> a, float* x) {
  invert(ratings, axes, lambda);
  take_roots(ratings);
  kernels_.sum_errors({.row = {ratings.row.columns, a.first(ratings.row.size())},
                       .y = ratings.y,
                       .weights = roots_.data()},
                      nullptr, x);
  for (std::size_t p = 0; p < inverse_.size(); ++p) x[p] *= inverse_[p];
}

}  // namespace palate
