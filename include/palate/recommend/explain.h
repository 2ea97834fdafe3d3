// Why a model predicts what it predicts. Layer: recommend.
#pragma once

#include <optional>
#include <vector>

#include "palate/model/model.h"

namespace palate {

// What one rating of the user's history adds to a score.
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
  float taste = 0;             // x . y
  std::vector<float> factors;  // x_f y_f for each factor f; their sum is taste
  // Of als, whose users are linear in their ratings (src/model/rating_shares.h): one for each
  // rating, the largest contribution first, whatever its sign. They add up but for the rounding of
  // training, which is in 32 bits: 1e-4 or less, unless hardly anything regularizes. Nothing for
  // the other algorithms.
  std::optional<std::vector<RatingContribution>> ratings;
};

// Throws Error(invalid_argument) for a model of als without history.
Explanation explain(const Model& model, Index user, Index item);

}  // namespace palate
