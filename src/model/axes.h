// The axes along which what is unobserved does not mix the factors.
#pragma once

#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "palate/base/matrix.h"
#include "palate/base/parallel.h"

namespace palate {

// Turns the factors of both sides by one rotation, which leaves every score as it is, so that
//
//   weight Y^T Y = D, a diagonal
//
// for the factors Y of the fixed side, and returns D, the largest first. Of the other side it turns
// these rows; the others will be solved anew. D is NaN where numbers are too large for that; then
// nothing is turned. The bits do not depend on the number of threads.
std::vector<float> turn_to_axes(Matrix& fixed, Matrix& other, std::span<const Index> rows_of_other,
                                float weight, Parallel& parallel, const Kernels& table = kernels());

}  // namespace palate
