// The row objective of factors whose training minimizes none, or is not known. Layer: model.
#pragma once

#include "palate/base/matrix.h"
#include "palate/model/scorer.h"

namespace palate {

// Gives the scorer the objective of implicit least squares over the items, by which a user is
// folded in approximately. `weights` are what some users have chosen, users x items, and
// `num_items` how many items have been chosen. The target is the mean product of what was chosen.
//
// Its constants are near what a search on validation rows found on several data sets
// (experiment/fold_in_row.h), which looks for better ones from here.
void set_approximate_row(const SparseMatrix& weights, Index num_items, Scorer& scorer);

}  // namespace palate
