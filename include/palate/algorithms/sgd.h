// Biased factorization by stochastic gradient descent, one rating at a time, with a learning rate
// for each row. Layer: model.
//
// Ratings are taken in units of their spread: r = (rating - mean) / s, s the standard deviation of
// the train ratings, so that the same options suit a scale of 5 stars and one of 100 points. With
// n_u for the ratings of user u and n_i for those of item i, SGD looks for the biases b and the
// factors X and Y that minimize
//
//   sum_{(u, i)} (r - b_u - b_i - x_u . y_i)^2
//   + sum_u (lambda sqrt(n_u) |x_u|^2 + lambda_b b_u^2)  +  the same over items i,
//
// lambda = regularization, lambda_b = bias_regularization. The penalty of a row's factors lies
// halfway between plain (not growing with n) and weighted (growing with n); that of a bias is
// plain, which makes it the usual shrunken mean. A rating's step: with its error e,
//
//   h_u = learning_rate / sqrt(G_u)                          h_i likewise
//   x_u <- (1 - h_u lambda / sqrt(n_u)) x_u + h_u e y_i      y_i likewise, with x_u as it was
//   b_u <- (1 - h_u lambda_b / n_u) b_u + h_u e              b_i likewise
//   G_u <- G_u + e^2                                         G_i likewise; G begins at 1
//
// where no shrinking factor is below 0. G is AdaGrad's sum of squared gradients with one rate for a
// whole row, as in Chin et al.; the gradient of a row of factors being e y, we leave |y|^2, which
// barely differs from item to item, to the learning rate, and need no second pass over the row.
//
// One epoch costs O(ratings factors).
//
// AdaGrad:  J. Duchi, E. Hazan, Y. Singer. Adaptive subgradient methods. JMLR 2011.
// G:        W.-S. Chin, Y. Zhuang, Y.-C. Juan, C.-J. Lin. A learning-rate schedule for stochastic
//           gradient methods to matrix factorization. PAKDD 2015.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

struct SgdOptions {
  static constexpr AlgorithmTraits about{
      .name = "sgd",
      .summary = "biased factorization, one rating at a time, on a fixed block grid",
      .description =
          "A rating is predicted as the mean rating, plus how far the user's and the item's "
          "ratings usually lie from it, plus how well their factors match: a list of numbers for "
          "each user and each item, which says what the one likes and the other has. Training "
          "goes through the ratings one at a time and moves the numbers that predict each a "
          "little toward it, in smaller and smaller steps.",
      .by_default = true};
  Index factors = 32;
  Index epochs = 40;
  float learning_rate = 0.5F;
  float regularization = 1.3F;
  float bias_regularization = 4;
  std::uint32_t seed = 1;
  bool operator==(const SgdOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<SgdOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector; more tell finer tastes apart and take longer",
              between(1, 4096), by_factors(8, 96), true},
        options.factors);
  visit(
      Field{"epochs", "passes over the ratings; more fit closer", at_least(1), by_factors(15, 60)},
      options.epochs);
  visit(Field{"learning_rate",
              "size of a row's first step, with ratings in units of their spread; lower it when "
              "training diverges",
              above(0), by_factors(0.1, 1)},
        options.learning_rate);
  visit(Field{"regularization",
              "pulls factors to zero; raise it when the test loss rises while the train loss falls",
              at_least(0), by_factors(0.5, 4)},
        options.regularization);
  visit(Field{"bias_regularization",
              "pulls biases to zero as strongly as that many average ratings would; raise it where "
              "most have few ratings",
              at_least(0), by_factors(1, 12)},
        options.bias_regularization);
  visit(Field{"seed", "the seed of the random start; the same seed and data give the same model",
              at_least(0)},
        options.seed);
}

// In the order of training, too.
constexpr FactorCopies factor_copies(const SgdOptions&) { return {.training = 3}; }

// Trains on `data`.
//
// Errors:      invalid_argument  an option out of its bounds; a model to start from
//              bad_data          a dataset without ratings
// Guarantees:  the same bits for any number of threads; finite factors however training ended.
TrainResult train(const Dataset& data, const SgdOptions& options, TrainContext& context);

}  // namespace palate
