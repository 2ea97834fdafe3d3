// One half of an alternating algorithm: every row of one side is solved against the other, which is
// held fixed.
#pragma once

#include <vector>

#include "model/row_solver.h"
#include "palate/base/parallel.h"

namespace palate {

// Keeps what does not change from one half-step to the next: the order of the rows, and memory to
// work in.
class HalfStep {
 public:
  HalfStep(const SparseMatrix& rows, Index factors, const RowObjective& objective,
           Parallel& parallel);

  // Returns the sum of squared errors after it, times their weights, when `measure` is set,
  // otherwise 0. Rows without ratings keep what they are. The bits do not depend on the number of
  // threads.
  double operator()(FixedSide fixed, const Side& solved, bool measure = false);

 private:
  // What a thread works with.
  struct Worker {
    RowSolver solver;
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

}  // namespace palate
