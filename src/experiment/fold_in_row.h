// The row objective by which somebody new is folded in, of a scorer whose training minimizes none.
//
// Which one is best depends on what training made of the items' factors, so it is measured: known
// users are folded in from their train rows, and their lists compared with the validation rows.
// Beside the row that training has left come others, with `unobserved` and the ridge multiplied. As
// multiples the choice keeps its meaning when all rows train again, which changes both.
#pragma once

#include <optional>

#include "palate/base/parallel.h"
#include "palate/evaluate/part.h"
#include "palate/evaluate/trial.h"
#include "palate/model/scorer.h"

namespace palate {

// The row with `unobserved`, and with it the offset of the ridge, times the one and the factors of
// the ridge times the other.
RowObjective multiplied(RowObjective row, float unobserved, float ridge);

// Sets the row of a scorer of lists to the one that loses least NDCG@10. Nothing, and the row as it
// is, where it is not approximate, where no user of the validation rows has anything relevant
// there, and where a stop was requested before the first row was measured; a later request keeps
// the best so far.
//
// Guarantees:  the same bits for any number of threads; the row is no worse on these users than the
//              one that training left.
std::optional<FoldInChoice> choose_row(Scorer& scorer, const Part& part, Parallel& parallel,
                                       const Watch& watch);

}  // namespace palate
