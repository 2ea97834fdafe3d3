// Factorization by gradient steps on whole batches of ratings. Layer: model.
//
// With r for a rating, x_u and y_i for the rows of X and Y, and the errors e = r - (mean + b_u +
// b_i + x_u . y_i), the loss of a batch of n ratings is
//
//   penalty = norm:          1/n sum e^2 + lambda (|X| + |Y| + |b_user| + |b_item|)
//   penalty = squared_norm:  1/n sum (e^2 + lambda (|x_u|^2 + |y_i|^2 + b_u^2 + b_i^2))
//
// with Frobenius norms, not squared, in the first; in the second each rating brings its rows'
// penalty; lambda = regularization. Without biases b and mean are zero and stay so. With g for the
// gradient where the batch began, a step is
//
//   optimizer = adam:  m <- .9 m + .1 g;  v <- .999 v + .001 g^2;
//                      every parameter moves by -learning_rate m^ / (sqrt(v^) + 1e-8),
//                      where m^ = m / (1 - .9^t) and v^ = v / (1 - .999^t) in step t = 1, 2, ...
//   optimizer = sgd:   every parameter moves by -learning_rate n/2 g. With squared norms that is
//                      learning_rate times the sum over its ratings in the batch of
//                      (e y_i - lambda x_u): a rating counts the same in a batch of any size.
//
// Batches are consecutive ratings of the dataset's list; batch_size = 0 takes all of them, an epoch
// being one step. One epoch costs O(ratings factors), and with Adam O((users + items) factors) for
// each step.
//
// D. Kingma, J. Ba. Adam: a method for stochastic optimization. ICLR 2015.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

enum class Optimizer { adam, sgd };
template <>
inline constexpr std::array<std::string_view, 2> choice_names<Optimizer>{"adam", "sgd"};

enum class Penalty { norm, squared_norm };
template <>
inline constexpr std::array<std::string_view, 2> choice_names<Penalty>{"norm", "squared_norm"};

struct GradientOptions {
  static constexpr AlgorithmTraits about{
      .name = "gradient",
      .summary = "gradient steps on whole batches, by Adam or plain SGD",
      .description =
          "A rating is predicted from how well the factors of the user and the item match: a list "
          "of numbers for each, which says what the one likes and the other has, with or without "
          "the mean rating and how far both usually lie from it. Training takes a batch of "
          "ratings, moves all of these numbers a little in the direction that lowers the loss of "
          "the batch, and goes on to the next.",
      .can_continue = true};
  Index factors = 16;
  Index epochs = 100;
  Optimizer optimizer = Optimizer::adam;
  float learning_rate = 0.03F;
  Index batch_size = 0;
  bool biases = true;
  Penalty penalty = Penalty::squared_norm;
  float regularization = 0.2F;
  std::uint32_t seed = 1;
  bool operator==(const GradientOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<GradientOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector; more tell finer tastes apart and take longer",
              between(1, 4096), by_factors(2, 16), true},
        options.factors);
  visit(
      Field{"epochs", "passes over the ratings; more fit closer", at_least(1), by_factors(50, 300)},
      options.epochs);
  visit(Field{"optimizer", "how a gradient becomes a step: adam suits large batches, sgd small"},
        options.optimizer);
  visit(Field{"learning_rate", "size of a step; lower it when the train loss jumps or diverges",
              above(0), by_factors(0.003, 0.1)},
        options.learning_rate);
  visit(Field{"batch_size", "ratings a step; fewer make more steps an epoch; 0 takes all of them",
              at_least(0)},
        options.batch_size);
  visit(Field{.name = "biases",
              .help = "learn a mean and a bias for each user and item; false only to repeat the "
                      "results of others",
              .is_shape = true},
        options.biases);
  visit(
      Field{"penalty", "what regularization multiplies: squared_norm, or norm as in the notebook"},
      options.penalty);
  visit(Field{"regularization",
              "pulls factors and biases to zero; raise it when the test loss rises while the train "
              "loss falls",
              at_least(0), by_factors(0.003, 0.3)},
        options.regularization);
  visit(Field{"seed", "the seed of the random start; the same seed and data give the same model",
              at_least(0)},
        options.seed);
}

// The two methods of the notebook that Palate began as, with its options.
inline constexpr std::array<PresetOf<GradientOptions>, 2> presets_of(const GradientOptions&) {
  return {
      {{"notebook-adam",
        "the notebook's first method: Adam on all ratings at once, no biases",
        "A rating is predicted from how well the factors of the user and the item match, a list of "
        "numbers for each and nothing else, so that the mean rating has to be learned, too. "
        "Training moves all of these numbers at once on all ratings, by steps whose size "
        "adapts to each number.",
        {.factors = 2,
         .epochs = 250,
         .optimizer = Optimizer::adam,
         .learning_rate = 0.01F,
         .batch_size = 0,
         .biases = false,
         .penalty = Penalty::norm,
         .regularization = 1e-5F,
         .seed = 1}},
       {"notebook-sgd",
        "the notebook's second method: SGD on batches of 1000 ratings, with biases",
        "A rating is predicted as the mean rating, plus how far the user's and the item's ratings "
        "usually lie from it, plus how well their factors match, a list of numbers for each. "
        "Training takes a batch of ratings at a time and moves the numbers that predict them "
        "a little toward them.",
        {.factors = 2,
         .epochs = 50,
         .optimizer = Optimizer::sgd,
         .learning_rate = 0.01F,
         .batch_size = 1000,
         .biases = true,
         .penalty = Penalty::squared_norm,
         .regularization = 0.2F,
         .seed = 1}}}};
}

// The gradient, too, and what Adam remembers, which is copied at the end.
constexpr FactorCopies factor_copies(const GradientOptions& options) {
  return options.optimizer == Optimizer::adam ? FactorCopies{.training = 6, .kept = 3}
                                              : FactorCopies{.training = 3};
}

// Trains on `data`.
//
// Errors:      invalid_argument  an option out of its bounds; a start of another algorithm or
//                                size, or one that has biases where the options have none
//              bad_data          a dataset without ratings
// Guarantees:  the same bits for any number of threads; finite factors however training ended; from
//              a model of the same data it goes on bit for bit as one longer training.
TrainResult train(const Dataset& data, const GradientOptions& options, TrainContext& context);

}  // namespace palate
