// The inverse of a large symmetric matrix. Layer: linalg.
#pragma once

#include "palate/base/matrix.h"
#include "palate/base/parallel.h"

namespace palate {

// Replaces a symmetric positive definite matrix, of which the lower triangle is read, by its whole
// inverse. Its padding stays zero. False, and nothing said of what the matrix then holds, where
// rounding leaves no more than a millionth of an element of the diagonal: it is not definite, or
// all but singular.
//
// Takes n^3 multiply-adds for n rows, and 512 bytes of memory beside each of them.
// Guarantees:  the same bits for any number of threads.
bool invert(Matrix& definite, Parallel& parallel);

}  // namespace palate
