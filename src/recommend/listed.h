// What every way to rank items agrees on.
#pragma once

#include "palate/recommend/recommend.h"

namespace palate {

// Whether the rules let the item into a list.
inline bool may_be_listed(const Scorer& scorer, const ListRules& rules, Index item) {
  return scorer.item_support[item] >= rules.min_support && rules.allowed.allows(item);
}

}  // namespace palate
