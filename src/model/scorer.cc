#include "palate/model/scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/fail.h"

namespace palate {

float Weighting::operator()(float value) const {
  const float size =
      exponent == 0 ? 1 : std::pow(std::max(value, 0.0F) / at_least.value_or(1), exponent);
  if (is_relevant(value)) return size;
  return at_least ? lower * size : 0;
}

Scorer scorer_of(const Dataset& data, Factors factors) {
  Scorer scorer{
      .factors = std::move(factors), .row = {}, .range = data.range(), .item_support = {}};
  for (Index item = 0; item < data.num_items(); ++item)
    scorer.item_support.push_back(data.by_item().row(item).size());
  return scorer;
}

Scorer scorer_of(const Dataset& data, Factors factors, const Weighting& weighting) {
  Scorer scorer{.factors = std::move(factors),
                .row = {},
                .range = {},
                .item_support = std::vector<Index>(data.num_items()),
                .weighting = weighting};
  for (Index item = 0; item < data.num_items(); ++item) {
    for (const float value : data.by_item().row(item).values)
      scorer.item_support[item] += weighting.is_relevant(value) ? 1 : 0;
  }
  return scorer;
}

RatedItems weighted(SparseRow row, const Weighting& weighting) {
  RatedItems result;
  const auto is_relevant = [&](float value) { return weighting.is_relevant(value); };
  const bool has_relevant = std::ranges::any_of(row.values, is_relevant);
  for (Index t = 0; t < row.size(); ++t) {
    const float value = row.values[t];
    if (!weighting.at_least && value < 0)
      fail(ErrorCode::bad_data, "a weight is {}: none may be below 0", value);
    const float weight = has_relevant ? weighting(value) : 0;
    if (weight == 0) continue;
    result.items.push_back(row.columns[t]);
    result.values.push_back(weight);
  }
  return result;
}

Weights weighted(const Dataset& data, const Weighting& weighting) {
  Weights weights;
  SparseMatrix& by_user = weights.by_user;
  by_user.num_columns = data.num_items();
  for (Index user = 0; user < data.num_users(); ++user) {
    const RatedItems row = weighted(data.by_user().row(user), weighting);
    by_user.columns.insert(by_user.columns.end(), row.items.begin(), row.items.end());
    by_user.values.insert(by_user.values.end(), row.values.begin(), row.values.end());
    by_user.starts.push_back(by_user.columns.size());
  }
  SparseMatrix& by_item = weights.by_item;
  by_item.num_columns = data.num_users();
  for (Index item = 0; item < data.num_items(); ++item) {
    const SparseRow row = data.by_item().row(item);
    for (Index t = 0; t < row.size(); ++t) {
      const Index user = row.columns[t];
      const float weight = by_user.row(user).size() > 0 ? weighting(row.values[t]) : 0;
      if (weight == 0) continue;
      by_item.columns.push_back(user);
      by_item.values.push_back(weight);
    }
    by_item.starts.push_back(by_item.columns.size());
  }
  return weights;
}

}  // namespace palate
