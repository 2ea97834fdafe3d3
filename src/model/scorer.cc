#include "palate/model/scorer.h"

#include <utility>

namespace palate {

Scorer scorer_of(const Dataset& data, Factors factors) {
  Scorer scorer{
      .factors = std::move(factors), .row = {}, .range = data.range(), .item_support = {}};
  for (Index item = 0; item < data.num_items(); ++item)
    scorer.item_support.push_back(data.by_item().row(item).size());
  return scorer;
}

}  // namespace palate
