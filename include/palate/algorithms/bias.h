// A baseline: the mean of the ratings with a regularized bias for each user and item. Layer: model.
//
// Finds b that approaches the minimum of
//
//   sum_{u,i rated} (r_ui - mu - b_u - b_i)^2 + lambda_user sum_u b_u^2 + lambda_item sum_i b_i^2
//
// with the mean mu of the ratings, by solving the items, then the users, then the items again:
//
//   b_i = sum_u (r_ui - mu - b_u) / (lambda_item + n_i)
//   b_u = sum_i (r_ui - mu - b_i) / (lambda_user + n_u)
//
// One epoch costs O(ratings).
//
// Y. Koren. Factor in the neighbors: scalable and accurate collaborative filtering. TKDD 4(1),
// 2010. Section 2.1.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

struct BiasOptions {
  static constexpr AlgorithmTraits about{
      .name = "bias",
      .summary = "regularized user and item biases",
      .description =
          "A rating is predicted as the mean rating plus how far the user's and the item's "
          "ratings usually lie from it, which is held closer to zero where there are few ratings. "
          "It knows nothing of what a user likes: a model that is no better has learned no taste.",
      .can_continue = true,
      .is_baseline = true,
      .by_default = true};
  Index epochs = 10;
  float user_regularization = 15;
  float item_regularization = 10;
  bool operator==(const BiasOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<BiasOptions> auto& options, Visitor&& visit) {
  visit(Field{"epochs", "how many times all items, then all users are solved; a few are enough",
              at_least(1)},
        options.epochs);
  visit(Field{"user_regularization",
              "pulls a user's bias to zero as strongly as that many average ratings would",
              at_least(0), by_factors(1, 50)},
        options.user_regularization);
  visit(Field{"item_regularization",
              "pulls an item's bias to zero as strongly as that many average ratings would",
              at_least(0), by_factors(1, 50)},
        options.item_regularization);
}

// Trains on `data`.
//
// Errors:      invalid_argument  an option out of its bounds; a start of another algorithm
//              bad_data          a dataset without ratings
// Guarantees:  the same bits for any number of threads; finite biases however training ended; from
//              a model of the same data it goes on bit for bit as one longer training.
TrainResult train(const Dataset& data, const BiasOptions& options, TrainContext& context);

}  // namespace palate
