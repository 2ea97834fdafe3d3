// A linear regression of what users chose on what else they chose, in closed form. Layer: model.
//
// Let X be the users x items matrix of the weights of what users chose. The weights B of items for
// items minimize
//
//   |X - X B|^2 + lambda |B|^2    with a diagonal of zeros:
//
//   B(j, i) = -P(j, i) / P(i, i)  for j other than i,  P = (X^T X + lambda I)^-1
//
//   score(u, i) = sum over the items j of u of w_uj B(j, i)
//
// lambda = regularization m sqrt(c), with m for the mean square of the weights, so that their unit
// does not matter, and c for the mean number of users who chose an item: noise grows with its root.
// lambda is raised to 1e-5 of the largest element of the diagonal of X^T X, and tenfold as long as
// rounding leaves nothing of the inverse. Each item i keeps the `neighbours` weights B(j, i) that
// are largest in absolute value, or all where that is 0.
//
// A count v weighs v^weight_exponent, a rating (v / relevant)^rating_exponent and below `relevant`
// lower_weight of that. The train loss is the minimum, with all weights, as a share of |X|^2.
//
// Training costs O(sum over the users of n_u^2 + n^3) for n_u items of user u and n items that
// anybody chose: there may be 10,000 of these. It takes 4 n^2 + 20 n k bytes of memory beside the
// data, with k for the neighbours, and the model 8 n k.
//
// H. Steck. Embarrassingly shallow autoencoders for sparse data. WWW 2019.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

struct EaseOptions {
  static constexpr AlgorithmTraits about{
      .name = "ease",
      .summary = "a regression of what users chose on what else they chose",
      .description =
          "An item is listed if what the user has chosen speaks for it: each item has a weight "
          "for each other one, positive or negative, by which the choices of all users are "
          "predicted best from their other choices. The weights are found all at once, so that of "
          "two items which always go together neither counts twice.",
      .task = Task::lists,
      .by_default = true,
      .most_items = 4000};
  float regularization = 150;
  Index neighbours = 500;
  float weight_exponent = 0.25F;
  float rating_exponent = 1;
  float lower_weight = 0.5F;
  bool operator==(const EaseOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<EaseOptions> auto& options, Visitor&& visit) {
  visit(Field{"regularization",
              "pulls weights to zero; raise it where lists follow what few users chose", above(0),
              by_factors(40, 600)},
        options.regularization);
  visit(Field{"neighbours",
              "how many weights of other items an item keeps, the largest; fewer make a smaller "
              "model; 0 keeps all",
              at_least(0)},
        options.neighbours);
  visit_weights(options, visit, 1, 1);
}

// Trains on `data`.
//
// Errors:      invalid_argument  an option out of its bounds; a model to start from; more than
//                                10,000 items that were chosen, or more memory than there is
//              bad_data          a negative weight; a dataset in which nothing weighs anything
// Guarantees:  the same bits for any number of threads; finite weights, or none where training
//              diverged.
TrainResult train(const Dataset& data, const EaseOptions& options, TrainContext& context);

}  // namespace palate
