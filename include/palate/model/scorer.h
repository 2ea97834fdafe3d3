// What answering needs, and nothing of where it came from. Layer: model.
#pragma once

#include <optional>
#include <vector>

#include "palate/data/dataset.h"
#include "palate/model/factors.h"

namespace palate {

// What keeps the solution of a row with n ratings small: lambda = factors n^exponent for its
// factors, kappa = bias n^bias_exponent for its bias. With an exponent of 0 it is the same for
// every row, with 1 as if each rating brought its own.
struct Ridge {
  float factors = 0;
  float exponent = 0;
  float bias = 0;
  float bias_exponent = 0;
  bool operator==(const Ridge&) const = default;
};

// What one user's factors x and bias b minimize, given the user's ratings r_t, the items held
// fixed:
//
//   sum_t (r_t - mu - b_t - b - x . y_t)^2 + lambda |x|^2 + kappa b^2
//
// with y_t and b_t for the factors and bias of the item of rating t, and mu for the global mean.
// Training writes it; somebody new is folded in by it, and it tells what each rating adds.
struct RowObjective {
  Ridge ridge;
  bool bias = true;  // false: b is 0
  bool operator==(const RowObjective&) const = default;
};

// Immutable once it is made: any number of threads may ask it.
struct Scorer {
  Factors factors;
  std::optional<RowObjective> row;   // nothing: a user's ratings do not change what is answered
  std::optional<RatingRange> range;  // predictions are clipped to it; nothing: they are not
  std::vector<Index> item_support;   // train ratings of each item
  bool operator==(const Scorer&) const = default;
};

// A scorer of these factors for the users and items of `data`, without a row objective.
Scorer scorer_of(const Dataset& data, Factors factors);

}  // namespace palate
