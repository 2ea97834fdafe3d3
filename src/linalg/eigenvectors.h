// Eigenvectors of small symmetric matrices. Layer: linalg.
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

}  // namespace palate
