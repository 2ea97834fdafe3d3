#include "model/item_weights.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace palate {

RatedItems history_weights(const Scorer& scorer, const QueryView& query) {
  return weighted(query.history, *scorer.weighting);
}

double added_score(const Scorer& scorer, Index of, float weight, Index item) {
  const SparseRow row = scorer.item_weights->row(of);
  const auto found = std::ranges::lower_bound(row.columns, item);
  if (found == row.columns.end() || *found != item) return 0;
  const auto place = static_cast<std::size_t>(found - row.columns.begin());
  return double{weight} * double{row.values[place]};
}

void add_scores(const Scorer& scorer, const RatedItems& weights, SparseSum& sums) {
  for (Index t = 0; t < weights.row().size(); ++t)
    sums.add(weights.values[t], scorer.item_weights->row(weights.items[t]));
}

SparseMatrix by_chosen_item(const std::vector<std::vector<Scored>>& kept) {
  SparseMatrix matrix{.num_columns = static_cast<Index>(kept.size())};
  std::vector<std::size_t> next(kept.size() + 1);  // where the next entry of a row goes
  for (const std::vector<Scored>& neighbours : kept) {
    for (const Scored& one : neighbours) ++next[std::size_t{one.index} + 1];
  }
  std::partial_sum(next.begin(), next.end(), next.begin());
  matrix.starts = next;
  matrix.columns.resize(next.back());
  matrix.values.resize(next.back());
  for (Index item = 0; item < kept.size(); ++item) {
    for (const Scored& one : kept[item]) {
      matrix.columns[next[one.index]] = item;
      matrix.values[next[one.index]++] = one.score;
    }
  }
  return matrix;
}

float to_float(double number) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(number, -kMost, kMost));
}

}  // namespace palate
