#include "model/half_step.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace palate {
namespace {

// Multiplications of a half-step, but for a constant factor.
template <class Solver>
double cost(const SparseMatrix& rows, const Solver& solver) {
  double sum = 0;
  for (Index row = 0; row < rows.rows(); ++row) sum += solver.cost(rows.row(row).size());
  return sum;
}

}  // namespace

template <class Solver>
HalfStepOf<Solver>::HalfStepOf(const Solver& solver, const SparseMatrix& rows,
                               const RowObjective& objective, Parallel& parallel)
    : rows_(rows),
      unobserved_(objective.unobserved),
      parallel_(parallel),
      workers_(parallel.threads(), Worker{solver}),
      // waking other threads costs as much as a million multiplications
      is_small_(cost(rows, solver) < 1e6) {
  for (Index row = 0; row < rows.rows(); ++row) {
    if (rows.row(row).size() > 0) order_.push_back(row);
  }
  // The longest first, lest the last one running be one of them.
  std::ranges::stable_sort(order_, std::ranges::greater(),
                           [&](Index row) { return rows.row(row).size(); });
  const auto unknowns = [&](Index place) {
    return workers_[0].solver.unknowns_of(rows.row(order_[place]).size());
  };
  for (Index first = 0, last = 0; first < order_.size(); first = last) {
    const Index most = workers_[0].solver.batch(rows.row(order_[first]).size());
    while (last < order_.size() && last - first < most && unknowns(last) == unknowns(first)) ++last;
    batches_.push_back({first, last});
  }
}

template <class Solver>
double HalfStepOf<Solver>::operator()(FixedSide fixed, const Side& solved, bool measure) {
  if (unobserved_ > 0 && fixed.axes.empty()) {
    unobserved_equations_ = unobserved_equations(fixed.factors, unobserved_, parallel_);
    fixed.unobserved = unobserved_equations_.data();
  }
  std::vector<double> errors(batches_.size());
  const auto solve_batch = [&](Index batch, Worker& worker) {
    worker.rows.clear();
    worker.solutions.clear();
    for (const Index place : batches_[batch]) {
      const Index row = order_[place];
      worker.rows.push_back(rows_.row(row));
      worker.solutions.push_back({solved.factors.row(row).data(), &solved.bias[row]});
    }
    errors[batch] = worker.solver.solve(fixed, worker.rows, worker.solutions, measure);
  };
  const auto count = static_cast<Index>(batches_.size());
  parallel_.for_ranges(count, is_small_ ? count : 1, [&](IndexRange range, unsigned worker) {
    for (const Index batch : range) solve_batch(batch, workers_[worker]);
  });
  return std::accumulate(errors.begin(), errors.end(), 0.0);
}

template class HalfStepOf<RowSolver>;
template class HalfStepOf<ConjugateGradient>;
template class HalfStepOf<Subspace>;

}  // namespace palate
