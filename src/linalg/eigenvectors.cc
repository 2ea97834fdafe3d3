#include "linalg/eigenvectors.h"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "base/assert.h"

namespace palate {

Eigenvectors eigenvectors(std::span<const double> symmetric) {
  const auto size =
      static_cast<Eigen::Index>(std::lround(std::sqrt(static_cast<double>(symmetric.size()))));
  PALATE_ASSERT(size > 0 && static_cast<std::size_t>(size * size) == symmetric.size());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      Eigen::Map<const Eigen::MatrixXd>(symmetric.data(), size, size));
  const double* const values = solver.eigenvalues().data();
  const double* const vectors = solver.eigenvectors().data();  // column by column
  return {{values, values + size}, {vectors, vectors + size * size}};
}

}  // namespace palate
