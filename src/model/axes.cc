#include "model/axes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "linalg/symmetric.h"
#include "model/row_solver.h"

namespace palate {
namespace {

// 0, 1, .. count - 1
std::vector<Index> numbers(Index count) {
  std::vector<Index> all(count);
  std::iota(all.begin(), all.end(), Index{0});
  return all;
}

// The matrix of equations, both of its triangles, row by row.
std::vector<double> square_of(const Matrix& equations, Index factors, const Kernels& table) {
  std::vector<double> square(std::size_t{factors} * factors);
  const std::size_t stride = table.equations_stride(factors);
  for (std::size_t p = 0; p < factors; ++p) {
    for (std::size_t q = p; q < factors; ++q) {
      square[p * factors + q] = square[q * factors + p] =
          double{equations.data()[(2 + p) * stride + q]};
    }
  }
  return square;
}

// Each of some rows x of `matrix` becomes x Q.
void turn(Matrix& matrix, std::span<const Index> rows, const Matrix& q, Parallel& parallel,
          const Kernels& table) {
  constexpr Index kGrain = 256;
  const std::vector<Index> all = numbers(q.rows());
  parallel.for_ranges(static_cast<Index>(rows.size()), kGrain, [&](IndexRange range) {
    std::vector<float> turned(q.cols());
    for (const Index place : range) {
      const std::span<float> x = matrix.row(rows[place]);
      table.sum_errors({.row = {all, x}, .y = q.view()}, nullptr, turned.data());
      std::ranges::copy(turned, x.begin());
    }
  });
}

}  // namespace

std::vector<float> turn_to_axes(Matrix& fixed, Matrix& other, std::span<const Index> rows_of_other,
                                float weight, Parallel& parallel, const Kernels& table) {
  const Index factors = fixed.cols();
  const std::vector<double> square = square_of(
      unobserved_equations(std::as_const(fixed).view(), weight, parallel, table), factors, table);
  std::vector<float> axes(factors, std::numeric_limits<float>::quiet_NaN());
  if (!std::ranges::all_of(square, [](double value) { return std::isfinite(value); })) return axes;
  const Eigenvectors found = eigenvectors(square);
  Matrix q(factors, factors);
  for (Index axis = 0; axis < factors; ++axis) {
    const std::size_t ascending = factors - 1 - axis;
    axes[axis] = static_cast<float>(std::max(found.values[ascending], 0.0));
    for (Index p = 0; p < factors; ++p)
      q.row(p)[axis] = static_cast<float>(found.vector(ascending)[p]);
  }
  turn(fixed, numbers(fixed.rows()), q, parallel, table);
  turn(other, rows_of_other, q, parallel, table);
  return axes;
}

}  // namespace palate
