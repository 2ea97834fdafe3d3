#include "model/half_step.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace palate {
namespace {

// Waking other threads costs as much as a million multiplications.
bool is_soon_done(const SparseMatrix& rows, Index factors) {
  const double f = factors;
  return f * f * (static_cast<double>(rows.size()) + f * rows.rows()) < 1e6;
}

}  // namespace

HalfStep::HalfStep(const SparseMatrix& rows, Index factors, const RowObjective& objective,
                   Parallel& parallel)
    : rows_(rows),
      parallel_(parallel),
      workers_(parallel.threads(), Worker{RowSolver(factors, objective)}),
      is_small_(is_soon_done(rows, factors)) {
  for (Index row = 0; row < rows.rows(); ++row) {
    if (rows.row(row).size() > 0) order_.push_back(row);
  }
  // The longest first, lest the last one running be one of them.
  std::ranges::stable_sort(order_, std::ranges::greater(),
                           [&](Index row) { return rows.row(row).size(); });
}

double HalfStep::operator()(const FixedSide& fixed, const Side& solved, bool measure) {
  const Index batch = workers_[0].solver.batch();
  const auto count = static_cast<Index>(order_.size());
  std::vector<double> errors((count + batch - 1) / batch);
  const auto solve_batch = [&](Index first, Worker& worker) {
    worker.rows.clear();
    worker.solutions.clear();
    for (Index n = first; n < std::min(first + batch, count); ++n) {
      const Index row = order_[n];
      worker.rows.push_back(rows_.row(row));
      worker.solutions.push_back({solved.factors.row(row).data(), &solved.bias[row]});
    }
    errors[first / batch] = worker.solver.solve(fixed, worker.rows, worker.solutions, measure);
  };
  parallel_.for_ranges(count, is_small_ ? count : batch, [&](IndexRange range, unsigned worker) {
    for (Index first = range.first; first < range.last; first += batch)
      solve_batch(first, workers_[worker]);
  });
  return std::accumulate(errors.begin(), errors.end(), 0.0);
}

}  // namespace palate
