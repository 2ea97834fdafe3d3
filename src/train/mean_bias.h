// The global mean as one of the parameters: what is predicted for a user and an item that nobody
// knows.
#pragma once

#include <span>

#include "palate/base/matrix.h"

namespace palate {

// Moves the mean of the biases into `global_mean`: of all rows that have ratings, for these alone
// have a bias. What is predicted for them stays as it was, and the sum of their squared biases
// falls; a row that comes later, whose bias is 0, gets what the average row gets instead of what
// the average rating is, and those who rate most are not like the others.
void move_mean_bias(const SparseMatrix& ratings, std::span<float> bias, float& global_mean);

}  // namespace palate
