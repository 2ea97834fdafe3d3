#include "linalg/symmetric.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "base/assert.h"

namespace palate {

namespace {

Eigen::Index rows_of(std::span<const double> square) {
  const auto rows =
      static_cast<Eigen::Index>(std::lround(std::sqrt(static_cast<double>(square.size()))));
  PALATE_ASSERT(rows > 0 && static_cast<std::size_t>(rows * rows) == square.size());
  return rows;
}

}  // namespace

Eigenvectors eigenvectors(std::span<const double> symmetric) {
  const Eigen::Index size = rows_of(symmetric);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      Eigen::Map<const Eigen::MatrixXd>(symmetric.data(), size, size));
  const double* const values = solver.eigenvalues().data();
  const double* const vectors = solver.eigenvectors().data();  // column by column
  return {{values, values + size}, {vectors, vectors + size * size}};
}

void solve(std::span<const double> definite, std::span<double> right_sides) {
  const Eigen::Index size = rows_of(definite);
  // Column by column, as Eigen has it, the lower triangle is the upper one.
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Upper> cholesky(
      Eigen::Map<const Eigen::MatrixXd>(definite.data(), size, size));
  const auto columns = static_cast<Eigen::Index>(right_sides.size()) / size;
  Eigen::Map<Eigen::MatrixXd> solution(right_sides.data(), size, columns);
  cholesky.solveInPlace(solution);
}

}  // namespace palate
