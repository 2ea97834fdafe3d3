// What answering needs, and nothing of where it came from. Layer: model.
#pragma once

#include <optional>
#include <vector>

#include "palate/data/dataset.h"
#include "palate/model/factors.h"

namespace palate {

// The one rule by which what a user gave to an item counts in lists: as evidence of this weight
// that the user would choose the item.
//
//   weight = (value / at_least)^exponent          for values of at least `at_least`: relevant ones
//          = lower (value / at_least)^exponent    for values below, of a user who has relevant ones
//          = 0                otherwise: seen, so that it is not listed again, and no more
//
// Without `at_least` the values are no ratings: all above 0 are relevant, and weigh value^exponent.
constexpr float kMostRatingExponent = 3;
struct Weighting {
  std::optional<float> at_least;
  float exponent = 0;  // 0: all that is relevant weighs 1; above 0 only with at_least above 0
  float lower = 0;
  bool is_relevant(float value) const { return at_least ? value >= *at_least : value > 0; }
  float operator()(float value) const;  // of a user who has relevant ones
  bool operator==(const Weighting&) const = default;
};

// What keeps the solution of a row with n ratings small: lambda = factors (n + offset)^exponent for
// its factors, kappa = bias (n + offset)^bias_exponent for its bias. With an exponent of 0 it is
// the same for every row, with 1 as if each rating brought its own. Of weighted rows n is the sum
// of the weights.
struct Ridge {
  float factors = 0;
  float exponent = 0;
  float bias = 0;
  float bias_exponent = 0;
  float offset = 0;
  bool operator==(const Ridge&) const = default;
};

// What one user's factors x and bias b minimize, the items held fixed. Given the ratings r_t,
//
//   sum_t (r_t - mu - b_t - b - x . y_t)^2 + lambda |x|^2 + kappa b^2
//
// with y_t and b_t for the factors and bias of the item of rating t, and mu for the global mean.
// Where what is unobserved counts, too, with c > 0, the row has weights w_t in place of ratings,
// and x minimizes, over all items i,
//
//   sum_t w_t (target - x . y_t)^2 + c sum_i (x . y_i)^2 + lambda |x|^2
//
// whatever the items' biases, which lists add. x is linear in the target. Where the objective is
// approximate, y_i less the mean vector of the items stands for y_i: what x has in common with all
// items is told by no choice, and changes no list.
//
// Training writes it; somebody new is folded in by it, and it tells what each rating adds.
struct RowObjective {
  Ridge ridge;
  bool bias = true;      // false: b is 0
  float unobserved = 0;  // c; 0: the row has ratings
  float target = 1;      // of weighted rows
  // Training does not minimize this, which it has with weighted rows alone: somebody folded in gets
  // a vector like those that training makes, and not the same.
  bool approximate = false;
  bool operator==(const RowObjective&) const = default;
};

// Scores are made of factors (palate/model/factors.h), or where there are item weights W of what
// the user has done to items j, with the weights w_uj of that:
//
//   score(u, i) = sum over the items j of u of w_uj W(j, i)
//
// The factors are then zero and say no more than how many users and items there are.
//
// Immutable once it is made: any number of threads may ask it.
struct Scorer {
  Factors factors;
  std::optional<RowObjective> row;       // nothing: a user's ratings do not change what is answered
  std::optional<RatingRange> range;      // predictions are clipped to it; nothing: they are not
  std::vector<Index> item_support;       // train ratings of each item; for lists the relevant ones
  std::optional<Weighting> weighting{};  // of a scorer of lists; nothing: values are ratings
  std::optional<SparseMatrix> item_weights{};  // items x items, W(j, i) in row j; has a weighting
  bool operator==(const Scorer&) const = default;

  // Whether what a user rates changes what is answered.
  bool is_personal() const { return row || item_weights; }

  // Whether somebody new is folded in otherwise than training would place them.
  bool folds_in_approximately() const { return row && row->approximate; }
};

// A scorer of these factors for the users and items of `data`, without a row objective: of ratings,
// and of lists.
Scorer scorer_of(const Dataset& data, Factors factors);
Scorer scorer_of(const Dataset& data, Factors factors, const Weighting& weighting);

// One user's row with weights in place of values, and without what weighs nothing.
//
// Errors:  bad_data  a negative value that is no rating
RatedItems weighted(SparseRow row, const Weighting& weighting);

// The same of all users, by user and by item.
struct Weights {
  SparseMatrix by_user;
  SparseMatrix by_item;
};
Weights weighted(const Dataset& data, const Weighting& weighting);

}  // namespace palate
