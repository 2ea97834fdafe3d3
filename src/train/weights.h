// What the algorithms of lists share.
#pragma once

#include "palate/base/matrix.h"

namespace palate {

// Throws Error(bad_data) unless something weighs more than nothing.
void check_weights(const SparseMatrix& weights);

}  // namespace palate
