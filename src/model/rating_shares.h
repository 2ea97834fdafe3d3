// What each rating of a row adds to the row's solution.
#pragma once

#include <vector>

#include "model/row_solver.h"

namespace palate {

struct RatingShare {
  double bias = 0;     // what the rating adds to the row's bias
  double product = 0;  // what it adds to x . y
};

// The solution of RowSolver is linear in its targets: with A for the matrix of the normal
// equations,
//
//   (x, b) = A^-1 sum_t (r_t - mu - b_t) (y_t, 1)
//   x      = A^-1 sum_t w_t target y_t                  of a row of weights
//
// so that x . y and b are sums over the ratings, of which these are the terms, in the row's order.
// `y` is any vector as long as x. Computed in double. Costs O(n f u + u^3) for u unknowns
// (src/model/few_ratings.h).
std::vector<RatingShare> rating_shares(const FixedSide& fixed, SparseRow row,
                                       const RowObjective& objective, std::span<const float> y);

}  // namespace palate
