// Solutions of weighted rows that start from the factors as they are and come closer to the minimum
// of RowObjective (palate/model/scorer.h) for a target of 1: where there are many factors they cost
// less than RowSolver. What is unobserved is given by its axes (model/axes.h), so that a row's
// equations are
//
//   (D + lambda I + sum_t w_t y_t y_t^T) x = sum_t w_t y_t
//
// Both do what HalfStepOf asks of a solver, and neither ever raises the objective.
#pragma once

#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "model/row_solver.h"
#include "palate/base/matrix.h"
#include "palate/model/scorer.h"

namespace palate {

// A few steps of conjugate gradient with D + lambda I as preconditioner: what is unobserved is
// solved at once, and what the steps are for is the weights alone.
//
// G. Takacs, I. Pilaszy, D. Tikk. Applications of the conjugate gradient method for implicit
// feedback collaborative filtering. RecSys 2011.
class ConjugateGradient {
 public:
  ConjugateGradient(Index factors, const RowObjective& objective, Index steps,
                    const Kernels& table = kernels());

  Index batch(Index) const { return 8; }
  Index unknowns_of(Index) const { return factors_; }
  double cost(Index weights) const { return 2.0 * (steps_ + 1) * factors_ * weights; }
  double solve(const FixedSide& fixed, std::span<const SparseRow> rows,
               std::span<const RowSolution> solutions, bool measure);

 private:
  void improve(const FixedSide& fixed, SparseRow row, float* x);

  const Kernels& kernels_;
  Index factors_;
  RowObjective objective_;
  Index steps_;
  std::vector<float> targets_;
  std::vector<float> diagonal_;   // D + lambda I
  std::vector<float> residual_;   // right side - A x
  std::vector<float> direction_;  // p
  std::vector<float> image_;      // A p
};

// One block of factors after the other is solved exactly, the others held fixed.
//
// S. Rendle, W. Krichene, L. Zhang, Y. Koren. iALS++: speeding up matrix factorization with
// subspace optimization. 2021.
class Subspace {
 public:
  Subspace(Index factors, const RowObjective& objective, Index block,
           const Kernels& table = kernels());

  Index batch(Index) const { return kernels_.batch(block_); }
  Index unknowns_of(Index) const { return block_; }
  double cost(Index weights) const { return 1.0 * factors_ * (block_ + 2) * (weights + block_); }
  double solve(const FixedSide& fixed, std::span<const SparseRow> rows,
               std::span<const RowSolution> solutions, bool measure);

 private:
  void improve(const FixedSide& fixed, IndexRange block, std::span<const SparseRow> rows,
               std::span<const RowSolution> solutions);

  const Kernels& kernels_;
  Index factors_;
  RowObjective objective_;
  Index block_;
  // For each row of a batch.
  std::vector<std::vector<float>> errors_;  // 1 - x . y_t
  std::vector<float> lambdas_;
  std::vector<RowEquations> equations_;
  std::vector<RowSolution> steps_;
  Matrix matrices_;
  Matrix solved_;
  Matrix scratch_;
};

}  // namespace palate
