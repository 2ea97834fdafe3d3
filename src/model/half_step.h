// One half of an alternating algorithm: every row of one side is solved against the other, which is
// held fixed.
#pragma once

#include <vector>

#include "model/row_descent.h"
#include "model/row_solver.h"
#include "palate/base/parallel.h"

namespace palate {

// Keeps what does not change from one half-step to the next: the order of the rows, and memory to
// work in. `Solver` is RowSolver, or has its public functions.
template <class Solver>
class HalfStepOf {
 public:
  // `settings` are what the solver is made of beside the factors and the objective.
  template <class... Settings>
  HalfStepOf(const SparseMatrix& rows, Index factors, const RowObjective& objective,
             Parallel& parallel, const Settings&... settings)
      : HalfStepOf(Solver(factors, objective, settings...), rows, objective, parallel) {}

  // Returns the sum of squared errors after it, times their weights, when `measure` is set,
  // otherwise 0. Rows without ratings keep what they are. The bits do not depend on the number of
  // threads.
  double operator()(FixedSide fixed, const Side& solved, bool measure = false);

 private:
  HalfStepOf(const Solver& solver, const SparseMatrix& rows, const RowObjective& objective,
             Parallel& parallel);

  // What a thread works with.
  struct Worker {
    Solver solver;
    std::vector<SparseRow> rows{};
    std::vector<RowSolution> solutions{};
  };

  const SparseMatrix& rows_;
  float unobserved_;
  Matrix unobserved_equations_;
  Parallel& parallel_;
  std::vector<Worker> workers_;
  std::vector<Index> order_;         // of the rows that have ratings
  std::vector<IndexRange> batches_;  // of that order
  bool is_small_ = false;
};

extern template class HalfStepOf<RowSolver>;
extern template class HalfStepOf<ConjugateGradient>;
extern template class HalfStepOf<Subspace>;
using HalfStep = HalfStepOf<RowSolver>;

}  // namespace palate
