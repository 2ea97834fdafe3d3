// Small symmetric matrices in double, where speed is of no interest. Layer: linalg.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace palate {

// Of a matrix of n rows: n eigenvalues, ascending, and n orthonormal eigenvectors of n elements,
// one after the other in the same order.
struct Eigenvectors {
  std::vector<double> values;
  std::vector<double> vectors;

  std::span<const double> vector(std::size_t i) const {
    return std::span(vectors).subspan(i * values.size(), values.size());
  }
};

// `symmetric`: finite numbers, row by row, a square number of them and at least one.
Eigenvectors eigenvectors(std::span<const double> symmetric);

// x of A x = b, for each of the right sides b that stand one after the other, in their place.
// `definite` is A, symmetric and positive definite, row by row, of which the lower triangle is
// read.
void solve(std::span<const double> definite, std::span<double> right_sides);

}  // namespace palate
