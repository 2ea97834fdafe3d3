// The solution of a row that has fewer weights than there are factors, by as many equations as it
// has weights, where what is unobserved counts, too.
#pragma once

#include <span>
#include <vector>

#include "kernels/kernels.h"

namespace palate {

// With the weights on the diagonal of W, and what is unobserved along its axes (model/axes.h), the
// minimum of
//
//   sum_t w_t (1 - x . y_t)^2 + sum_p D_p x_p^2 + lambda |x|^2                       Y: n x f
//
// is, by the identity of Woodbury,
//
//   x = (D + lambda I)^-1 Y^T W^1/2 a
//   (W^1/2 Y (D + lambda I)^-1 Y^T W^1/2 + I) a = W^1/2 1
//
// lambda is raised to 1e-5 of the largest diagonal element of D + Y^T W Y, as for RowEquations.
// Holds memory to work in, so each thread has its own.
class FewWeights {
 public:
  FewWeights(Index factors, const Kernels& kernels);

  // Equations without a bias, whose solution is a; it is 0 beyond the weights. Takes `matrix` from
  // `equations` and writes the rest.
  void set_equations(const RowRatings& ratings, std::span<const float> axes, float lambda,
                     Index unknowns, RowEquations& equations);

  // x, as long as the axes.
  void set_solution(const RowRatings& ratings, std::span<const float> axes, float lambda,
                    std::span<const float> a, float* x);

 private:
  void invert(const RowRatings& ratings, std::span<const float> axes, float lambda);
  void take_roots(const RowRatings& ratings);

  const Kernels& kernels_;
  std::vector<Index> numbers_;  // of the factors: 0, 1, ..
  std::vector<float> zeros_;
  std::vector<float> inverse_;  // (D + lambda I)^-1
  std::vector<float> roots_;    // W^1/2
  std::vector<float> columns_;  // of W^1/2 Y (D + lambda I)^-1/2, one after the other
};

}  // namespace palate
