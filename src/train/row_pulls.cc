#include "train/row_pulls.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

namespace palate {

RowPulls::RowPulls(Index num_rows, Index pulls, Index num_sources, Index factors, unsigned workers)
    : rows(pulls, kNobody),
      from(pulls),
      multiples(pulls),
      weights(pulls),
      sources(num_sources, factors),
      source_biases(num_sources),
      groups_(workers),
      places_(num_rows, kNobody),
      squares_(num_rows, 1),
      bias_squares_(num_rows, 1) {
  for (Groups& groups : groups_) {
    for (std::vector<Index>* const one : {&groups.pulls, &groups.rows, &groups.from})
      one->resize(pulls);
    for (std::vector<float>* const one :
         {&groups.multiples, &groups.weights, &groups.bias_gradients})
      one->resize(pulls);
    groups.starts.resize(std::size_t{pulls} + 1);
  }
}

// Without branches on what is drawn at random, which the processor would not foresee.
void RowPulls::group(const Parallel::Worker& worker, Groups& groups) {
  constexpr Index kNeighbours = 64;  // rows that go to the same worker, as they share cache lines
  const unsigned index = worker.index();
  const unsigned count = worker.count();
  const auto num_pulls = static_cast<Index>(rows.size());
  Index own = 0;
  for (Index p = 0; p < num_pulls; ++p) {
    groups.pulls[own] = p;
    const bool is_own = count == 1 || rows[p] / kNeighbours % count == index;
    own += is_own && rows[p] != kNobody ? 1 : 0;
  }
  std::ranges::fill(groups.starts, 0);
  Index num_rows = 0;
  for (Index i = 0; i < own; ++i) {
    const Index row = rows[groups.pulls[i]];
    const bool is_new = places_[row] == kNobody;
    groups.rows[num_rows] = row;
    places_[row] = is_new ? num_rows : places_[row];
    num_rows += is_new ? 1 : 0;
    ++groups.starts[places_[row] + 1];
  }
  groups.count = num_rows;
  std::partial_sum(groups.starts.begin(), groups.starts.begin() + num_rows + 1,
                   groups.starts.begin());
  std::fill_n(groups.weights.begin(), num_rows, 0.0F);
  std::fill_n(groups.bias_gradients.begin(), num_rows, 0.0F);
  // Each start moves on to the next one, and all of them back at the end.
  for (Index i = 0; i < own; ++i) {
    const Index p = groups.pulls[i];
    const Index place = places_[rows[p]];
    const Index to = groups.starts[place]++;
    groups.from[to] = from[p];
    groups.multiples[to] = multiples[p];
    groups.weights[place] += weights[p];
    groups.bias_gradients[place] += multiples[p] * source_biases[from[p]];
  }
  std::shift_right(groups.starts.begin(), groups.starts.begin() + num_rows + 1, 1);
  groups.starts[0] = 0;
  for (Index n = 0; n < num_rows; ++n) places_[groups.rows[n]] = kNobody;
}

void RowPulls::step(const Parallel::Worker& worker, RowDescent descent, MutableMatrixView factors,
                    std::span<float> biases) {
  Groups& groups = groups_[worker.index()];
  group(worker, groups);
  const std::span<const Index> own_rows = std::span(groups.rows).first(groups.count);
  descent.multiples = groups.multiples.data();
  descent.weights = groups.weights.data();
  kernels().descend({own_rows, groups.starts.data(), groups.from.data()}, descent,
                    std::as_const(sources).view(), factors, squares_.data());
  if (biases.empty()) return;
  for (std::size_t n = 0; n < own_rows.size(); ++n) {
    const Index row = own_rows[n];
    const float gradient = groups.bias_gradients[n];
    bias_squares_[row] += gradient * gradient;
    biases[row] -= descent.learning_rate / std::sqrt(bias_squares_[row]) * gradient;
  }
}

}  // namespace palate
