// The items most like those that a user has chosen. Layer: model.
//
// Let w_ui be the weight of what user u did to item i, each user's weights scaled to a row of
// length 1, so that who has chosen everything tells little of what goes together; and w_i the
// weights of item i, one of each user. Item i is as similar to a chosen item j as many have chosen
// both, for the numbers that have chosen each:
//
//   s(j, i) = (w_j . w_i) / (n_j^asymmetry n_i^(1 - asymmetry) + shrinkage z),  n_j = w_j . w_j
//
// An asymmetry of 1/2 makes it a cosine. What few have chosen is similar by chance, which shrinkage
// makes up for: z is such that it counts users who like as many items as the mean user does. Each
// item i keeps the `neighbours` items j that are most similar, of equal ones the better supported,
// then the lower index. With u's weights as they were before they were scaled,
//
//   score(u, i) = sum over the items j of u that i keeps of w_uj s(j, i)
//
// A count v weighs v^weight_exponent, a rating (v / relevant)^rating_exponent and below `relevant`
// lower_weight of that. The train loss is 1 less the mean of the similarities that are kept.
//
// Training costs O(sum over the users of n_u^2) for n_u items of user u: a user with 10,000 items
// costs as much as 10,000 users with 100 items each. The model takes 8 bytes for each neighbour of
// each item; training takes 12 more, 16 for each rating, and at most 17 for each item on each
// thread.
//
// M. Deshpande, G. Karypis. Item-based top-N recommendation algorithms. ACM TOIS 22(1), 2004; after
// B. Sarwar, G. Karypis, J. Konstan, J. Riedl. Item-based collaborative filtering recommendation
// algorithms. WWW 2001. The asymmetry is that of F. Aiolli. Efficient top-N recommendation for very
// large scale binary rated datasets. RecSys 2013, and the shrinkage as in M. Ferrari Dacrema, P.
// Cremonesi, D. Jannach. Are we really making much progress? RecSys 2019.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

struct ItemKnnOptions {
  static constexpr AlgorithmTraits about{
      .name = "item-knn",
      .summary = "the items most like those a user has chosen",
      .description =
          "An item is listed if it is similar to those that the user has chosen: if many of those "
          "who have chosen the one have chosen the other, too. Each item keeps only those that are "
          "most similar to it, since the others say little.",
      .task = Task::lists,
      .by_default = true};
  Index neighbours = 200;
  float shrinkage = 20;
  float asymmetry = 0.5F;
  float weight_exponent = 0.25F;
  float rating_exponent = 1.5F;
  float lower_weight = 0.5F;
  bool operator==(const ItemKnnOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<ItemKnnOptions> auto& options, Visitor&& visit) {
  visit(Field{"neighbours",
              "how many similar items an item keeps: it is listed for users who have chosen one of "
              "them; more reach more users",
              at_least(1), by_factors(20, 500)},
        options.neighbours);
  visit(Field{"shrinkage",
              "makes items less similar the fewer users have chosen them; raise it where lists "
              "hold what few people know, above all where there are few ratings",
              at_least(0), by_factors(1, 200)},
        options.shrinkage);
  visit(Field{"asymmetry",
              "how much the popularity of what a user has chosen counts against it, rather than "
              "that of what is listed; raise it to list what many choose",
              between(0, 1), evenly(0.3, 0.9)},
        options.asymmetry);
  visit_weights(options, visit, 1, 1);
}

// Trains on `data`.
//
// Errors:      invalid_argument  an option out of its bounds; a model to start from
//              bad_data          a negative weight; a dataset in which nothing weighs anything
// Guarantees:  the same bits for any number of threads; similarities above 0, finite.
TrainResult train(const Dataset& data, const ItemKnnOptions& options, TrainContext& context);

}  // namespace palate
