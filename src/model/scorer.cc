#include "palate/model/scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/fail.h"

namespace palate {

float Weighting::operator()(float value) const {
  if (at_least ? value < *at_least : value <= 0) return 0;
  return exponent == 0 ? 1 : std::pow(std::max(value, 0.0F), exponent);
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
      scorer.item_support[item] += weighting(value) > 0 ? 1 : 0;
  }
  return scorer;
}

RatedItems weighted(SparseRow row, const Weighting& weighting) {
  RatedItems result;
  for (Index t = 0; t < row.size(); ++t) {
    const float value = row.values[t];
    if (!weighting.at_least && value < 0)
      fail(ErrorCode::bad_data, "a weight is {}: none may be below 0", value);
    const float weight = weighting(value);
    if (weight == 0) continue;
    result.items.push_back(row.columns[t]);
    result.values.push_back(weight);
  }
  return result;
}

SparseMatrix weighted(const SparseMatrix& rows, const Weighting& weighting) {
  SparseMatrix result{.num_columns = rows.num_columns};
  for (Index r = 0; r < rows.rows(); ++r) {
    const RatedItems row = weighted(rows.row(r), weighting);
    result.columns.insert(result.columns.end(), row.items.begin(), row.items.end());
    result.values.insert(result.values.end(), row.values.begin(), row.values.end());
    result.starts.push_back(result.columns.size());
  }
  return result;
}

}  // namespace palate
