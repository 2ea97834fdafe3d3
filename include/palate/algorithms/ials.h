// Factorization of implicit feedback by alternating least squares. Layer: model.
//
// Finds X (users x f) and Y (items x f) that minimize, with w_ui for the weight of what user u did
// to item i,
//
//   sum_{u,i seen} w_ui (1 - x_u . y_i)^2 + c sum_{u,i} (x_u . y_i)^2
//   + sum_u lambda_u |x_u|^2 + sum_i lambda_i |y_i|^2
//
// where the second sum runs over all pairs. c is such that all items together weigh for the mean
// user `unobserved` times as much as what that user has seen; so one default suits small catalogues
// and large ones. With e for regularization_exponent and W_u for the sum of the user's weights
//
//   lambda_u = regularization m^(1 - e) (W_u + c items)^e
//
// and the same for items; m is the mean weight of what is seen, so that weights in other units give
// the same lists. Noise in n choices grows with sqrt(n): with an exponent of 1/2 so does what holds
// it down, and one default suits thin tables and dense ones. Factors begin as normal numbers of
// standard deviation .1 / sqrt(f).
//
// A count v weighs v^weight_exponent, a rating (v / relevant)^rating_exponent and below `relevant`
// lower_weight of that: who rated an item low has chosen it nevertheless.
//
// One epoch costs, with f for the factors, by each of the solvers:
//
//   exact     O(seen f^2 + (users + items) f^3), less for items with fewer weights than factors
//   cg        O(seen f + (users + items) f^2 + f^3): three steps of conjugate gradient for each row
//   subspace  O(seen 16 f + (users + items) f^2 + f^3): sixteen factors of each row after the other
//
// A half-step of cg or subspace begins where the one before has ended, and never raises the loss
// either. After as many epochs it is the same to some 1e-5.
//
// Objective:  Y. Hu, Y. Koren, C. Volinsky. Collaborative filtering for implicit feedback datasets.
//             ICDM 2008. S. Rendle, W. Krichene, L. Zhang, Y. Koren. Revisiting the performance of
//             iALS on item recommendation benchmarks. RecSys 2022.
// cg:         G. Takacs, I. Pilaszy, D. Tikk. Applications of the conjugate gradient method for
//             implicit feedback collaborative filtering. RecSys 2011.
// subspace:   S. Rendle, W. Krichene, L. Zhang, Y. Koren. iALS++: speeding up matrix factorization
//             with subspace optimization. 2021.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

enum class IalsSolver { automatic, exact, cg, subspace };
template <>
inline constexpr std::array<std::string_view, 4> choice_names<IalsSolver>{"automatic", "exact",
                                                                          "cg", "subspace"};

struct IalsOptions {
  static constexpr AlgorithmTraits about{
      .name = "ials",
      .summary = "alternating least squares on what was chosen and what was not",
      .description =
          "An item is listed if its factors match those of the user: a list of numbers for each "
          "user and each item, which says what the one likes and the other has. Training solves "
          "all users and all items in turn, so that what a user has chosen scores near one, and "
          "all else, which counts for less, near zero.",
      .task = Task::lists,
      .can_continue = true,
      .by_default = true};
  Index factors = 64;
  Index epochs = 10;
  float unobserved = 10;
  float regularization = 0.42F;
  float regularization_exponent = 0.5F;
  float weight_exponent = 0.25F;
  float rating_exponent = 1.5F;
  float lower_weight = 0.5F;
  IalsSolver solver = IalsSolver::automatic;
  std::uint32_t seed = 1;
  bool operator==(const IalsOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<IalsOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector; more tell finer tastes apart and take longer",
              between(1, 4096), by_factors(32, 128), true},
        options.factors);
  visit(Field{"epochs", "how many times all items, then all users are solved; more fit closer",
              at_least(1), by_factors(6, 30)},
        options.epochs);
  visit(Field{"unobserved",
              "how much all that a user did not choose weighs beside what the user chose; raise it "
              "to list what many choose",
              above(0), by_factors(4, 30)},
        options.unobserved);
  visit(Field{"regularization",
              "pulls factors to zero; raise it when the validation metric falls while the train "
              "loss still falls",
              above(0), by_factors(0.15, 0.8)},
        options.regularization);
  visit(Field{"regularization_exponent",
              "how much harder users and items with many ratings are pulled: 0: as hard as all, 1: "
              "in proportion to their ratings",
              between(0, 1)},
        options.regularization_exponent);
  visit_weights(options, visit, 0.75, 0.5);
  visit(Field{"solver",
              "how a row is solved: exact, by steps of conjugate gradient (cg), or by blocks of "
              "factors (subspace), which take less time where there are many factors; automatic: "
              "exact up to 64 factors, cg beyond"},
        options.solver);
  visit(Field{"seed", "the seed of the random start; the same seed and data give the same model",
              at_least(0)},
        options.seed);
}

// What `automatic` stands for: with more factors than that an exact epoch takes more than twice as
// long as one of cg.
constexpr IalsSolver chosen_solver(const IalsOptions& options) {
  constexpr Index kMostExact = 64;
  if (options.solver != IalsSolver::automatic) return options.solver;
  return options.factors <= kMostExact ? IalsSolver::exact : IalsSolver::cg;
}
constexpr std::string_view method_name(const IalsOptions& options) {
  return choice_names<IalsSolver>[static_cast<std::size_t>(chosen_solver(options))];
}

// Trains on `data`.
//
// Errors:      invalid_argument  an option out of its bounds; a start of another algorithm or size
//              bad_data          a negative weight; a dataset in which nothing weighs anything
// Guarantees:  the same bits for any number of threads; finite factors however training ended; from
//              a model of the same data it goes on bit for bit as one longer training.
TrainResult train(const Dataset& data, const IalsOptions& options, TrainContext& context);

}  // namespace palate
