// The row objective by which somebody new is folded in, of a scorer whose training minimizes none.
//
// Which one is best depends on what training made of the items' factors, so it is measured: known
// users are folded in from their train rows, and their lists compared with the validation rows.
// Beside the row that training has left come others, with `unobserved` and the ridge multiplied.
// Each has the target with which sum_t w_t x . y_t, over the rows of all these users, is that of
// their trained vectors: so scores and what explains them are as large as those of known users, and
// weigh as much beside the items' biases. As multiples the choice keeps its meaning when all rows
// train again, which changes what training leaves.
#pragma once

#include <optional>

#include "palate/base/parallel.h"
#include "palate/evaluate/part.h"
#include "palate/evaluate/trial.h"
#include "palate/model/scorer.h"

namespace palate {

// The row with its parts multiplied.
RowObjective multiplied(RowObjective row, const FoldInChoice& choice);

// Sets the row of a scorer of lists to the one that loses least NDCG@10. Nothing, and the row as it
// is, where it is not approximate, where no user of the validation rows has anything relevant
// there, and where a stop was requested before the first row was measured; a later request keeps
// the best so far.
//
// Guarantees:  the same bits for any number of threads; the row is no worse on these users than the
//              one that training left, with the target as above.
std::optional<FoldInChoice> choose_row(Scorer& scorer, const Part& part, Parallel& parallel,
                                       const Watch& watch);

}  // namespace palate
