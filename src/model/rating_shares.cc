#include "model/rating_shares.h"

#include <algorithm>
#include <cmath>

#include "kernels/least_squares_scalar.h"

namespace palate {
namespace {

// A symmetric positive definite matrix, of which the lower triangle is stored row by row.
class SymmetricMatrix {
 public:
  explicit SymmetricMatrix(std::size_t size) : size_(size), values_(size * size) {}
  double& at(std::size_t i, std::size_t j) { return values_[i * size_ + j]; }

  // this += v v^T
  void add_square(std::span<const double> v) {
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) at(i, j) += v[i] * v[j];
    }
  }

  // L of L L^T, in its place (Cholesky).
  void factorize() {
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = at(i, j);
        for (std::size_t p = 0; p < j; ++p) sum -= at(i, p) * at(j, p);
        at(i, j) = i == j ? std::sqrt(sum) : sum / at(j, j);
      }
    }
  }

  // x of L L^T x = v, in the place of v.
  void solve(std::vector<double>& v) {
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t p = 0; p < i; ++p) v[i] -= at(i, p) * v[p];
      v[i] /= at(i, i);
    }
    for (std::size_t i = size_; i-- > 0;) {
      for (std::size_t p = i + 1; p < size_; ++p) v[i] -= at(p, i) * v[p];
      v[i] /= at(i, i);
    }
  }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

}  // namespace

std::vector<RatingShare> rating_shares(const FixedSide& fixed, SparseRow row, const Ridge& ridge,
                                       std::span<const float> y) {
  const std::size_t f = y.size();
  SymmetricMatrix matrix(f + 1);
  std::vector<double> extended(f + 1, 1.0);  // (y_t, 1)
  const auto extend = [&](Index column) {
    std::ranges::copy(fixed.factors.row(column), extended.begin());
  };
  for (const Index column : row.columns) {
    extend(column);
    matrix.add_square(extended);
  }
  // The ridge, and the least that the solver takes for one.
  constexpr double kLeast = scalar::kLeastRidge;
  const double n = row.size();
  double lambda = ridge.factors * std::pow(n, ridge.exponent);
  for (std::size_t p = 0; p < f; ++p) lambda = std::max(lambda, kLeast * matrix.at(p, p));
  for (std::size_t p = 0; p < f; ++p) matrix.at(p, p) += lambda;
  matrix.at(f, f) += std::max<double>(ridge.bias, kLeast * n);
  matrix.factorize();

  std::vector<double> to_product(y.begin(), y.end());  // A^-1 (y, 0)
  to_product.push_back(0);
  std::vector<double> to_bias(f + 1);  // A^-1 (0, 1)
  to_bias[f] = 1;
  matrix.solve(to_product);
  matrix.solve(to_bias);

  std::vector<RatingShare> shares;
  for (Index t = 0; t < row.size(); ++t) {
    extend(row.columns[t]);
    const double target =
        static_cast<double>(row.values[t]) - fixed.global_mean - fixed.bias[row.columns[t]];
    RatingShare share;
    for (std::size_t p = 0; p <= f; ++p) {
      share.bias += target * to_bias[p] * extended[p];
      share.product += target * to_product[p] * extended[p];
    }
    shares.push_back(share);
  }
  return shares;
}

}  // namespace palate
