#include "model/few_ratings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/least_squares_scalar.h"
#include "model/row_solver.h"

namespace palate {

Index num_unknowns(Index ratings, Index factors) {
  const std::size_t unknowns = (std::size_t{ratings} + 7) / 8 * 8;
  const bool is_faster = 4 * (unknowns + 16) <= 3 * std::size_t{factors};  // measured
  return is_faster ? static_cast<Index>(unknowns) : factors;
}

Centring centring_of(const RowObjective& objective, Index n) {
  const double count = n;
  const double kappa =
      std::max(kappa_of<double>(objective, n), double{scalar::kLeastRidge} * count);
  return {(1 - 1 / std::sqrt(1 + count / kappa)) / count, count + kappa};
}

FewRatings::FewRatings(Index factors, const RowObjective& objective, const Kernels& kernels)
    : kernels_(kernels), objective_(objective), numbers_(factors), sums_(factors) {
  std::iota(numbers_.begin(), numbers_.end(), Index{0});
}

void FewRatings::add_up(const RowRatings& ratings) {
  std::ranges::fill(sums_, 0.0F);
  for (const Index column : ratings.row.columns) {
    const float* const y = ratings.y.row(column).data();
    for (std::size_t j = 0; j < sums_.size(); ++j) sums_[j] += y[j];
  }
}

void FewRatings::set_equations(const RowRatings& ratings, Index unknowns, RowEquations& equations) {
  const Index n = ratings.row.size();
  const Index factors = ratings.y.cols;
  const auto h = static_cast<float>(centring_of(objective_, n).h);
  add_up(ratings);
  columns_.assign(std::size_t{factors} * unknowns, 0);
  constexpr Index kTogether = 16;  // floats of a cache line
  for (Index first = 0; first < factors; first += kTogether) {
    const Index last = std::min(first + kTogether, factors);
    for (Index t = 0; t < n; ++t) {
      const float* const y = ratings.y.row(ratings.row.columns[t]).data();
      for (Index j = first; j < last; ++j)
        columns_[std::size_t{j} * unknowns + t] = y[j] - h * sums_[j];
    }
  }
  // H Y Y^T H is a sum over the columns of H Y, as G is one over the rows of Y.
  kernels_.row_equations({{numbers_, sums_}, {columns_.data(), factors, unknowns, unknowns}},
                         nullptr, equations.matrix);
  float* const right = equations.matrix + kernels_.equations_stride(unknowns);
  float size = 0;
  for (Index t = 0; t < n; ++t) {
    right[t] = ratings.row.values[t] - h * equations.target_sum;
    size += std::abs(right[t]);
  }
  // At least so much that a is finite where all of Y is zero.
  equations.regularization = std::max(lambda_of<float>(objective_, n), 1e-37F * size);
  equations.bias_regularization = std::numeric_limits<float>::infinity();
}

void FewRatings::set_solution(const RowRatings& ratings, std::span<const float> a, float target_sum,
                              const RowSolution& solution) {
  const Centring centring = centring_of(objective_, ratings.row.size());
  const auto shift = static_cast<float>(centring.h * std::accumulate(a.begin(), a.end(), 0.0));
  float* const x = solution.factors;
  std::fill_n(x, sums_.size(), 0.0F);
  for (Index t = 0; t < ratings.row.size(); ++t) {
    const float* const y = ratings.y.row(ratings.row.columns[t]).data();
    const float weight = a[t] - shift;
    for (std::size_t j = 0; j < sums_.size(); ++j) x[j] += weight * y[j];
  }
  add_up(ratings);
  const double products = std::inner_product(sums_.begin(), sums_.end(), x, 0.0);
  *solution.bias = static_cast<float>((double{target_sum} - products) / centring.weight);
}

}  // namespace palate
