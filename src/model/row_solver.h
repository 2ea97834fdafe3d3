// The factors and the bias of one user, given what is known of all items; or of one item, given the
// users. Training calls it for every row, folding in for one.
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "model/few_ratings.h"
#include "model/few_weights.h"
#include "palate/base/matrix.h"
#include "palate/base/parallel.h"
#include "palate/model/scorer.h"

namespace palate {

// What a model has learned of the users, or of the items.
struct Side {
  std::span<float> bias;
  MutableMatrixView factors;
};
inline Side users_of(Factors& model) { return {model.user_bias, model.user_factors.view()}; }
inline Side items_of(Factors& model) { return {model.item_bias, model.item_factors.view()}; }

// The side that is held fixed: Y and its biases b_t, and the global mean mu.
struct FixedSide {
  float global_mean = 0;
  std::span<const float> bias;
  MatrixView factors;
  // Where the objective counts what is unobserved, one of these: unobserved_equations() of the
  // factors, or what turn_to_axes() has returned of them.
  const float* unobserved = nullptr;
  std::span<const float> axes{};
};
FixedSide fixed_users(const Factors& model);
FixedSide fixed_items(const Factors& model);

// What all rows of the fixed side say, each a target of 0 with this weight, as the base of a row's
// equations (kernels/kernels.h). The bits do not depend on the number of threads.
Matrix unobserved_equations(MatrixView factors, float weight, Parallel& parallel,
                            const Kernels& table = kernels());

// `lambda` as the solver takes it: more than nothing, and finite.
float positive_lambda(double lambda);

// lambda and kappa (palate/model/scorer.h) of a row with n ratings, or weights that add up to n. A
// bias that costs without end is 0: kappa is infinite where there is no bias.
template <class Float>
Float lambda_of(const RowObjective& objective, double n) {
  const Ridge& ridge = objective.ridge;
  return static_cast<Float>(ridge.factors) *
         std::pow(static_cast<Float>(n) + static_cast<Float>(ridge.offset),
                  static_cast<Float>(ridge.exponent));
}
template <class Float>
Float kappa_of(const RowObjective& objective, double n) {
  const Ridge& ridge = objective.ridge;
  return objective.bias ? static_cast<Float>(ridge.bias) *
                              std::pow(static_cast<Float>(n) + static_cast<Float>(ridge.offset),
                                       static_cast<Float>(ridge.bias_exponent))
                        : std::numeric_limits<Float>::infinity();
}

// For each of some rows of ratings, or of weights where the objective counts what is unobserved,
// exactly solves RowObjective (palate/model/scorer.h), of weights for a target of 1. Holds memory
// to work in, so each thread has its own. A row's solution does not depend on the rows that are
// solved with it.
class RowSolver {
 public:
  // `has_axes`: what is unobserved is given by its axes.
  RowSolver(Index factors, const RowObjective& objective, const Kernels& table = kernels(),
            bool has_axes = false);

  // How many rows with that many ratings solve() takes at once, at most.
  Index batch(Index ratings) const { return kernels_.batch(unknowns_of(ratings)); }
  // How many unknowns such a row is solved for. Few ratings are as many, unless what is unobserved
  // counts, too, and is not given by its axes.
  Index unknowns_of(Index ratings) const {
    return is_weighted() && !has_axes_ ? factors_ : num_unknowns(ratings, factors_);
  }
  // Multiplications that such a row takes, but for a constant factor.
  double cost(Index ratings) const {
    const double unknowns = unknowns_of(ratings);
    return factors_ * unknowns * (ratings + unknowns);
  }

  // Writes a solution for each of the rows, which have at least one rating each and the same
  // number of unknowns. Returns the sum of their squared errors after it, times their weights, when
  // `measure` is set, otherwise 0.
  double solve(const FixedSide& fixed, std::span<const SparseRow> rows,
               std::span<const RowSolution> solutions, bool measure);

 private:
  bool is_weighted() const { return objective_.unobserved > 0; }
  void set_equations(const FixedSide& fixed, const RowRatings& ratings, Index unknowns,
                     RowEquations& equations);

  const Kernels& kernels_;
  Index factors_;
  RowObjective objective_;
  bool has_axes_;
  FewRatings few_ratings_;
  FewWeights few_weights_;
  // For each row of a batch.
  std::vector<std::vector<float>> targets_;  // r_t - mu - b_t, or 1
  std::vector<RowRatings> ratings_;
  std::vector<RowEquations> equations_;
  std::vector<float> lambdas_;
  std::vector<RowSolution> answers_;  // where the unknowns are not the factors
  // As large as the rows so far have needed them.
  Matrix matrices_;
  Matrix unknowns_;
  Matrix scratch_;
};

}  // namespace palate
