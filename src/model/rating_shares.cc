#include "model/rating_shares.h"

#include <algorithm>

#include "kernels/least_squares_scalar.h"
#include "linalg/symmetric.h"

namespace palate {

std::vector<RatingShare> rating_shares(const FixedSide& fixed, SparseRow row,
                                       const RowObjective& objective, std::span<const float> y) {
  const std::size_t f = y.size();
  const std::size_t unknowns = objective.bias ? f + 1 : f;
  std::vector<RatingShare> shares(row.size());
  if (unknowns == 0) return shares;

  std::vector<double> z(unknowns, 1.0);  // (y_t, 1), or y_t without a bias
  const auto set_z = [&](Index column) { std::ranges::copy(fixed.factors.row(column), z.begin()); };
  std::vector<double> matrix(unknowns * unknowns);  // its lower triangle
  for (const Index column : row.columns) {
    set_z(column);
    for (std::size_t p = 0; p < unknowns; ++p) {
      for (std::size_t q = 0; q <= p; ++q) matrix[p * unknowns + q] += z[p] * z[q];
    }
  }
  const auto diagonal = [&](std::size_t p) -> double& { return matrix[p * unknowns + p]; };
  // The ridge, and the least that the solver takes for one.
  constexpr double kLeast = scalar::kLeastRidge;
  double lambda = lambda_of<double>(objective, row.size());
  for (std::size_t p = 0; p < f; ++p) lambda = std::max(lambda, kLeast * diagonal(p));
  for (std::size_t p = 0; p < f; ++p) diagonal(p) += lambda;
  if (objective.bias) {
    const double kappa = kappa_of<double>(objective, row.size());
    diagonal(f) += f > 0 ? std::max(kappa, kLeast * row.size()) : kappa;
  }

  std::vector<double> inverse(2 * unknowns);  // A^-1 (y, 0), then A^-1 (0, 1)
  std::ranges::copy(y, inverse.begin());
  if (objective.bias) inverse.back() = 1;
  solve(matrix, inverse);

  for (Index t = 0; t < row.size(); ++t) {
    set_z(row.columns[t]);
    const double target =
        static_cast<double>(row.values[t]) - fixed.global_mean - fixed.bias[row.columns[t]];
    for (std::size_t p = 0; p < unknowns; ++p) {
      shares[t].product += target * inverse[p] * z[p];
      shares[t].bias += target * inverse[unknowns + p] * z[p];
    }
  }
  return shares;
}

}  // namespace palate
