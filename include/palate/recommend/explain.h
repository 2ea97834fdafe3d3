// Why a model predicts what it predicts. Layer: recommend.
#pragma once

#include <optional>
#include <vector>

#include "palate/model/model.h"

namespace palate {

// What one rating that the user gave adds to a score.
struct RatingContribution {
  Index item = 0;
  float rating = 0;
  float to_bias = 0;   // all of these add up to the user's bias,
  float to_taste = 0;  // and these to the product of the factors
  float contribution() const { return to_bias + to_taste; }
};

// score = global_mean + user_bias + item_bias + taste, not clipped.
struct Explanation {
  float score = 0;
  float global_mean = 0;
  float user_bias = 0;
  float item_bias = 0;
  float taste = 0;             // x . y, or the sum of the item weights
  std::vector<float> factors;  // x_f y_f for each factor f; their sum is taste. Or none
  // What each rating of the user adds, the largest contribution first, whatever its sign: the
  // solution of the row objective is a sum over them (src/model/rating_shares.h), and so is one of
  // item weights. Nothing where the scorer has neither.
  std::optional<std::vector<RatingContribution>> ratings;
  // user_bias + taste less all contributions: how far the training left the user from the solution.
  // After als and bias it is the rounding of floats, 1e-4 or less unless hardly anything
  // regularizes.
  float off_optimum = 0;
  // Training does not minimize the row objective: what a rating adds is what it adds for somebody
  // who is folded in with the same ones, and off_optimum what training did otherwise.
  bool approximate = false;
};

// Both of a pair, each where the model has the task.
struct PairExplanation {
  std::optional<Explanation> ratings;
  float prediction = 0;  // the predicted rating, clipped; the score of `ratings` is not
  std::optional<Explanation> lists;
  // Nothing is known of the user: lists hold what most users have chosen, whatever `lists` says.
  bool most_chosen = false;
};

// What the predicted rating of this pair is made of, or the score by which it is listed. A model of
// the other task alone answers with what it has.
//
// Errors:  invalid_argument  a model with a row objective or item weights that does not keep who
//                            rated what
Explanation explain(const Model& model, Task task, Index user, Index item);
PairExplanation explain(const Model& model, Index user, Index item);

}  // namespace palate
