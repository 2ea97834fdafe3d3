// The factors and the bias of one user, given what is known of all items; or of one item, given the
// users. Training calls it for every row, folding in for one.
#pragma once

#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "palate/base/matrix.h"
#include "palate/model/model.h"

namespace palate {

// The side that is held fixed: Y and its biases b_t, and the global mean mu.
struct FixedSide {
  float global_mean = 0;
  std::span<const float> bias;
  MatrixView factors;
};
FixedSide fixed_users(const Factors& model);
FixedSide fixed_items(const Factors& model);

// What keeps a row's solution small: lambda n^exponent for the factors of a row with n ratings,
// kappa for its bias.
struct Ridge {
  float factors = 0;   // lambda
  float exponent = 0;  // 0: the same for every row; 1: as if each rating brought its own
  float bias = 0;      // kappa
};
// Factors are in units of the square root of a rating: lambda grows with the scale of ratings, so
// that the same options suit stars and percents.
Ridge ridge_of(const AlsOptions& options, const RatingRange& range);

// For each of some rows of ratings r_t, exactly solves
//
//   min  sum_t (r_t - mu - b_t - b - x . y_t)^2 + lambda n^exponent |x|^2 + kappa b^2
//
// Holds memory to work in, so each thread has its own. A row's solution does not depend on the rows
// that are solved with it.
class RowSolver {
 public:
  RowSolver(Index factors, const Ridge& ridge);

  // rows that solve takes at once, at most
  Index batch() const { return static_cast<Index>(equations_.size()); }

  // Writes a solution for each of the rows, which have at least one rating each. Returns the sum of
  // their squared errors after it when `measure` is set, otherwise 0.
  double solve(const FixedSide& fixed, std::span<const SparseRow> rows,
               std::span<const RowSolution> solutions, bool measure);

 private:
  const Kernels& kernels_;
  Index factors_;
  Ridge ridge_;
  std::vector<std::vector<float>> targets_;  // r_t - mu - b_t, for each row of the batch
  std::vector<RowEquations> equations_;
  Matrix matrices_;
  Matrix scratch_;
};

}  // namespace palate
