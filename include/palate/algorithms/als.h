// Biased matrix factorization by alternating least squares. Layer: model.
//
// Finds a mean mu, biases b, and factors X (users x f) and Y (items x f) that minimize
//
//   sum_{u,i rated} (r_ui - mu - b_u - b_i - x_u . y_i)^2
//   + sum_u (lambda_u |x_u|^2 + kappa b_u^2) + sum_i (lambda_i |y_i|^2 + kappa b_i^2)
//
// with lambda_u = regularization (the width of the rating scale) n_u^regularization_exponent for
// the n_u ratings of user u, the same for items, and kappa = bias_regularization. An exponent of 0
// is plain regularization, 1 is that of the paper, and a half beats both.
//
// One epoch costs O(n f u + u^3) for each user and item with n ratings, where u is the lesser of n
// and f: few ratings are solved in their own number.
//
// Y. Zhou, D. Wilkinson, R. Schreiber, R. Pan. Large-scale parallel collaborative filtering for the
// Netflix Prize. AAIM 2008.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

struct AlsOptions {
  static constexpr AlgorithmTraits about{
      .name = "als",
      .summary = "alternating least squares, biases solved jointly with the factors",
      .description =
          "A rating is predicted as the mean rating, plus how far the user's and the item's "
          "ratings usually lie from it, plus how well their factors match: a list of numbers for "
          "each user and each item, which says what the one likes and the other has. Training "
          "solves all users and all items in turn, each time for the numbers that fit the known "
          "ratings best while staying small.",
      .can_continue = true,
      .by_default = true};
  Index factors = 32;
  Index epochs = 15;
  float regularization = 0.33F;
  float regularization_exponent = 0.5F;
  float bias_regularization = 3;
  std::uint32_t seed = 1;
  bool operator==(const AlsOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<AlsOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector; more tell finer tastes apart and take longer",
              between(1, 4096), by_factors(8, 64), true},
        options.factors);
  visit(Field{"epochs", "how many times all items, then all users are solved; more fit closer",
              at_least(1), by_factors(6, 30)},
        options.epochs);
  visit(Field{"regularization",
              "pulls factors to zero, on a scale that is 1 wide; raise it when the test loss rises "
              "while the train loss falls",
              above(0), by_factors(0.1, 1.2)},
        options.regularization);
  visit(Field{"regularization_exponent",
              "how much harder users and items with many ratings are pulled: 0: as hard as all, 1: "
              "in proportion to their ratings",
              between(0, 1), evenly(0, 1)},
        options.regularization_exponent);
  visit(Field{"bias_regularization",
              "pulls biases to zero as strongly as that many average ratings would; raise it where "
              "most have few ratings",
              above(0), by_factors(1, 12)},
        options.bias_regularization);
  visit(Field{"seed", "the seed of the random start; the same seed and data give the same model",
              at_least(0)},
        options.seed);
}

// Trains on `data`.
//
// Errors:      invalid_argument  an option out of its bounds; a start of another algorithm or size
//              bad_data          a dataset without ratings
// Guarantees:  the same bits for any number of threads; finite factors however training ended; from
//              a model of the same data it goes on bit for bit as one longer training.
TrainResult train(const Dataset& data, const AlsOptions& options, TrainContext& context);

}  // namespace palate
