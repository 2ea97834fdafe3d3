#include "model/item_weights.h"

#include <algorithm>
#include <limits>

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

float to_float(double number) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(number, -kMost, kMost));
}

}  // namespace palate
