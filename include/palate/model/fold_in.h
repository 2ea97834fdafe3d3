// Users who come after training. Layer: model.
#pragma once

#include <vector>

#include "palate/model/model.h"

namespace palate {

// What a user of a model has: score(i) = global_mean + bias + item_bias[i] + factors .
// item_factors[i]
struct FoldedUser {
  float bias = 0;
  std::vector<float> factors;  // as many as the model has; empty for a user without ratings
};

// The bias b and the factors x of a user who gave the n ratings r_t to items of the model (columns
// ascending), the items held as they are. They minimize what the algorithm's training minimizes,
// seen from one user: with y_t and b_t for the item's factors and bias and mu for the model's mean,
//
//   sum_t (r_t - mu - b_t - b - x . y_t)^2 + lambda_x |x|^2 + lambda_b b^2
//
//   als        lambda_x = regularization n^regularization_exponent (the width of the scale),
//              lambda_b = bias_regularization:
//              a half-step of training, to the bit
//   sgd        lambda_x = regularization sqrt(n) s,  lambda_b = bias_regularization; s: the
//              standard deviation of the train ratings, of which training takes regularization to
//              be in units
//   gradient   penalty = squared_norm:  lambda_x = lambda_b = regularization n
//              penalty = norm:          lambda_x = regularization N / (2 |X|),
//                                       lambda_b = regularization N / (2 |b_user|), for N train
//                                       ratings and the norms as trained, which one user more
//                                       barely changes
//              biases = false:          b = 0
//   bias       no factors, lambda_b = user_regularization
//   mean       b = 0
//
// Throws Error(invalid_argument) for a model of sgd without history, which s is taken from, and
// Error(bad_data) for ratings so large that the solution is not finite.
FoldedUser fold_in(const Model& model, SparseRow ratings);

}  // namespace palate
