// The items as a scorer's row objective has them, with what all rows have in common: computed once
// for any number of rows.
#pragma once

#include "model/row_solver.h"
#include "palate/model/scorer.h"

namespace palate {

class FoldInItems {
 public:
  // The scorer has a row objective, and outlives this.
  explicit FoldInItems(const Scorer& scorer);

  FixedSide side() const;

 private:
  const Scorer& scorer_;
  Matrix centred_;     // factors; empty: the scorer's own
  Matrix unobserved_;  // what the items that nobody touched say, as equations; empty: not counted
};

}  // namespace palate
