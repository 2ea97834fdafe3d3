// The solution of a row that has fewer ratings than there are factors, by as many equations as it
// has ratings.
#pragma once

#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "palate/model/scorer.h"

namespace palate {

// How many unknowns a row is solved for: the factors, or the ratings, rounded up to a multiple of 8
// so that more rows have as many and are solved side by side, where these and 16 are at most three
// quarters of the factors. There that is faster.
Index num_unknowns(Index ratings, Index factors);

// H = I - h 1 1^T, with H^2 = I - 1 1^T / (n + kappa), takes the bias out of a row of n ratings:
// whatever x is, the best bias is b = 1 . (r - Y x) / (n + kappa), and leaves
//
//   |r - b 1 - Y x|^2 + kappa b^2 = |H (r - Y x)|^2       Y: n x f
//
// kappa is raised to 1e-5 n, as for RowEquations. Where it is infinite, b and h are 0.
struct Centring {
  double h = 0;       // (1 - sqrt(kappa / (n + kappa))) / n
  double weight = 0;  // n + kappa
};
Centring centring_of(const RowObjective& objective, Index n);

// The minimum of |H (r - Y x)|^2 + lambda |x|^2 is
//
//   x = Y^T H a      (H Y Y^T H + lambda I) a = H r
//
// Holds memory to work in, so each thread has its own.
class FewRatings {
 public:
  FewRatings(Index factors, const RowObjective& objective, const Kernels& kernels);

  // Equations without a bias, whose solution is a; it is 0 beyond the ratings. `ratings` has no
  // weights. Takes `matrix` and `target_sum` from `equations` and writes the rest.
  void set_equations(const RowRatings& ratings, Index unknowns, RowEquations& equations);

  // x and b. `target_sum` is 1 . r.
  void set_solution(const RowRatings& ratings, std::span<const float> a, float target_sum,
                    const RowSolution& solution);

 private:
  void add_up(const RowRatings& ratings);

  const Kernels& kernels_;
  RowObjective objective_;
  std::vector<Index> numbers_;  // of the factors: 0, 1, ..
  std::vector<float> sums_;     // Y^T 1
  std::vector<float> columns_;  // of H Y, one after the other
};

}  // namespace palate
