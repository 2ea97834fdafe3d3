#include "train/row_pulls.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/prefetch.h"

namespace palate {
RowPulls::RowPulls(Index rows, Index pulls, Index num_sources, Index factors)
    : sources(num_sources, factors),
      source_biases(num_sources),
      pulls_(pulls),
      first_(rows, RowPull::kNobody),
      next_(pulls),
      squares_(rows, 1),
      bias_squares_(rows, 1) {}

void RowPulls::group() {
  for (const Index row : rows_) first_[row] = RowPull::kNobody;
  rows_.clear();
  for (auto p = static_cast<Index>(pulls_.size()); p-- > 0;) {
    const Index row = pulls_[p].row;
    if (row == RowPull::kNobody) continue;
    if (first_[row] == RowPull::kNobody) rows_.push_back(row);
    next_[p] = std::exchange(first_[row], p);
  }
}

void RowPulls::step(const Parallel::Worker& worker, const RowDescent& descent,
                    MutableMatrixView factors, std::span<float> biases) {
  constexpr std::size_t kRows = 32;  // that a worker takes before it leaves as many to the others
  constexpr std::size_t kAhead = 4;  // rows between asking for one and its step
  std::vector<Index> of;
  std::vector<float> multiples;
  const auto step_row = [&](Index row) {
    of.clear();
    multiples.clear();
    float weight = 0;
    float bias_gradient = 0;
    for (Index p = first_[row]; p != RowPull::kNobody; p = next_[p]) {
      const RowPull& pull = pulls_[p];
      of.push_back(pull.source);
      multiples.push_back(pull.multiple);
      weight += pull.weight;
      bias_gradient += pull.multiple * source_biases[pull.source];
    }
    RowDescent own = descent;
    own.regularization *= weight;
    kernels().descend({{of, multiples}, std::as_const(sources).view()}, own,
                      factors.row(row).data(), &squares_[row]);
    if (biases.empty()) return;
    bias_squares_[row] += bias_gradient * bias_gradient;
    biases[row] -= descent.learning_rate / std::sqrt(bias_squares_[row]) * bias_gradient;
  };
  for (std::size_t first = worker.index() * kRows; first < rows_.size();
       first += worker.count() * kRows) {
    const std::size_t last = std::min(first + kRows, rows_.size());
    for (std::size_t n = first; n < last; ++n) {
      if (n + kAhead < last) {
        const Index later = rows_[n + kAhead];
        prefetch(factors.row(later));
        prefetch(sources.row(pulls_[first_[later]].source));
      }
      step_row(rows_[n]);
    }
  }
}

}  // namespace palate
