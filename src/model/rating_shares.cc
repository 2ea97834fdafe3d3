#include "model/rating_shares.h"

#include <algorithm>
#include <numeric>

#include "kernels/least_squares_scalar.h"
#include "linalg/symmetric.h"
#include "model/few_ratings.h"

namespace palate {
namespace {

constexpr double kLeast = scalar::kLeastRidge;

// A symmetric matrix as solve() takes it: row by row, of which the lower triangle is there.
struct SymmetricMatrix {
  explicit SymmetricMatrix(std::size_t rows) : size(rows), elements(rows * rows) {}
  double& diagonal(std::size_t p) { return elements[p * size + p]; }

  // Adds weight z z^T.
  void add_product(std::span<const double> z, double weight = 1) {
    for (std::size_t p = 0; p < size; ++p) {
      for (std::size_t q = 0; q <= p; ++q) elements[p * size + q] += weight * z[p] * z[q];
    }
  }
  // Adds the matrix of a row's equations.
  void add_equations(const float* equations, std::size_t stride) {
    const float* const triangle = equations + 2 * stride;
    for (std::size_t p = 0; p < size; ++p) {
      for (std::size_t q = 0; q <= p; ++q)
        elements[p * size + q] += double{triangle[q * stride + p]};
    }
  }
  // Adds lambda to the first `rows` diagonal elements, or the least that the solver takes for it.
  void add_ridge(double lambda, std::size_t rows) {
    for (std::size_t p = 0; p < rows; ++p) lambda = std::max(lambda, kLeast * diagonal(p));
    for (std::size_t p = 0; p < rows; ++p) diagonal(p) += lambda;
  }

  std::size_t size;
  std::vector<double> elements;
};

// r_t - mu - b_t
double target(const FixedSide& fixed, SparseRow row, Index t) {
  return static_cast<double>(row.values[t]) - fixed.global_mean - fixed.bias[row.columns[t]];
}

// By the equations of FewRatings: with A for their matrix,
//
//   x . y = r . H A^-1 H Y y      b = r . (1 - H A^-1 H Y Y^T 1) / (n + kappa)
std::vector<RatingShare> shares_of_few(const FixedSide& fixed, SparseRow row,
                                       const RowObjective& objective, std::span<const float> y) {
  const Index n = row.size();
  const Centring centring = centring_of(objective, n);
  SymmetricMatrix matrix(n);
  std::vector<double> inverse(std::size_t{2} * n);  // A^-1 H Y y, then A^-1 H Y Y^T 1
  const std::span<double> of_product = std::span(inverse).first(n);
  const std::span<double> of_bias = std::span(inverse).last(n);
  std::vector<double> column(n);  // of Y, then of H Y
  for (Index j = 0; j < y.size(); ++j) {
    for (Index t = 0; t < n; ++t) column[t] = fixed.factors.row(row.columns[t])[j];
    const double sum = std::accumulate(column.begin(), column.end(), 0.0);
    for (double& value : column) value -= centring.h * sum;
    matrix.add_product(column);
    for (Index t = 0; t < n; ++t) {
      of_product[t] += column[t] * y[j];
      of_bias[t] += column[t] * sum;
    }
  }
  matrix.add_ridge(lambda_of<double>(objective, n), n);
  solve(matrix.elements, inverse);
  for (const std::span<double> half : {of_product, of_bias}) {
    const double shift = centring.h * std::accumulate(half.begin(), half.end(), 0.0);
    for (double& value : half) value -= shift;
  }
  std::vector<RatingShare> shares(n);
  for (Index t = 0; t < n; ++t) {
    shares[t].product = target(fixed, row, t) * of_product[t];
    shares[t].bias = target(fixed, row, t) * (1 - of_bias[t]) / centring.weight;
  }
  return shares;
}

}  // namespace

std::vector<RatingShare> rating_shares(const FixedSide& fixed, SparseRow row,
                                       const RowObjective& objective, std::span<const float> y) {
  const std::size_t f = y.size();
  const bool is_weighted = objective.unobserved > 0;
  if (!is_weighted && num_unknowns(row.size(), static_cast<Index>(f)) < f)
    return shares_of_few(fixed, row, objective, y);
  const std::size_t unknowns = objective.bias ? f + 1 : f;
  std::vector<RatingShare> shares(row.size());
  if (unknowns == 0) return shares;

  std::vector<double> z(unknowns, 1.0);  // (y_t, 1), or y_t without a bias
  const auto set_z = [&](Index column) { std::ranges::copy(fixed.factors.row(column), z.begin()); };
  SymmetricMatrix matrix(unknowns);
  double count = 0;
  const auto weight_of = [&](Index t) { return is_weighted ? double{row.values[t]} : 1.0; };
  for (Index t = 0; t < row.size(); ++t) {
    set_z(row.columns[t]);
    matrix.add_product(z, weight_of(t));
    count += weight_of(t);
  }
  if (is_weighted)
    matrix.add_equations(fixed.unobserved, kernels().equations_stride(static_cast<Index>(f)));
  matrix.add_ridge(lambda_of<double>(objective, count), f);
  if (objective.bias) {
    const double kappa = kappa_of<double>(objective, count);
    matrix.diagonal(f) += f > 0 ? std::max(kappa, kLeast * count) : kappa;
  }

  std::vector<double> inverse(2 * unknowns);  // A^-1 (y, 0), then A^-1 (0, 1)
  std::ranges::copy(y, inverse.begin());
  if (objective.bias) inverse.back() = 1;
  solve(matrix.elements, inverse);

  for (Index t = 0; t < row.size(); ++t) {
    set_z(row.columns[t]);
    const double right =
        is_weighted ? weight_of(t) * double{objective.target} : target(fixed, row, t);
    for (std::size_t p = 0; p < unknowns; ++p) {
      shares[t].product += right * inverse[p] * z[p];
      shares[t].bias += right * inverse[unknowns + p] * z[p];
    }
  }
  return shares;
}

}  // namespace palate
