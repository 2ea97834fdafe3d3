// A model whose item vectors have a mean of zero.
#pragma once

#include <algorithm>

#include "palate/model/query.h"

namespace palate {

// Takes the mean vector off every item, and gives the users what they get by the row objective
// then.
// All items have vectors.
inline void centre(Scorer& scorer, const SparseMatrix& by_user) {
  Matrix& items = scorer.factors.item_factors;
  for (Index f = 0; f < items.cols(); ++f) {
    double sum = 0;
    for (Index item = 0; item < items.rows(); ++item) sum += double{items.row(item)[f]};
    for (Index item = 0; item < items.rows(); ++item)
      items.row(item)[f] -= static_cast<float>(sum / items.rows());
  }
  for (Index user = 0; user < by_user.rows(); ++user) {
    const SparseRow row = by_user.row(user);
    const Query query = fold_in(
        scorer, {{row.columns.begin(), row.columns.end()}, {row.values.begin(), row.values.end()}});
    std::ranges::copy(query.vector, scorer.factors.user_factors.row(user).begin());
  }
}

}  // namespace palate
