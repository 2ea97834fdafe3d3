// Which of several models is the best, and which cannot be told apart from it.
#pragma once

#include "palate/evaluate/compare.h"

namespace palate {

// Compares every model with the one that is the best by the primary metric, in the direction of
// that metric: fills difference_to_best, p_value, p_value_holm and same_as_best. Nobody is the best
// where neither direction is better. All models were measured with the same draws; there is one at
// least.
void compare_with_best(Comparison& comparison);

}  // namespace palate
