// What every way to rank items agrees on.
#pragma once

#include <optional>

#include "linalg/sparse_sum.h"
#include "linalg/top_list.h"
#include "model/item_weights.h"
#include "palate/recommend/recommend.h"

namespace palate {

// Whether the rules let the item into a list.
inline bool may_be_listed(const Scorer& scorer, const ListRules& rules, Index item) {
  return scorer.item_support[item] >= rules.min_support && rules.allowed.allows(item);
}

// Throws Error(invalid_argument) for a model of item weights that does not keep who rated what.
void require_history(const Model& model);

// By what the items are ranked for a query: by its score, or by their support where the scorer
// knows nothing of whoever asks.
class ListScore {
 public:
  ListScore(const Scorer& scorer, const QueryView& query)
      : scorer_(scorer), query_(query), knows_nothing_(knows_nothing(scorer, query)) {
    if (!scorer.item_weights || knows_nothing_) return;
    sums_.emplace(scorer.factors.num_items());
    add_scores(scorer, history_weights(scorer, query), *sums_);
  }

  Scored operator()(Index item) const {
    const Index support = scorer_.item_support[item];
    if (knows_nothing_) return {item, static_cast<float>(support), support};
    return {item, sums_ ? to_float((*sums_)[item]) : score(scorer_, query_, item), support};
  }

 private:
  const Scorer& scorer_;
  const QueryView& query_;
  bool knows_nothing_;
  std::optional<SparseSum> sums_;  // of item weights
};

}  // namespace palate
