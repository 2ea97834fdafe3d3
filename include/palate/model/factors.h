// Biases and factor vectors of users and items. Layer: model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "palate/base/matrix.h"

namespace palate {

// score(u, i) = global_mean + user_bias[u] + item_bias[i] + user_factors[u] . item_factors[i]
//
// The biases have one entry per user or item, all zero for a model without them; the factors are
// users x f and items x f, with f = 0 for biases alone. All numbers are finite.
struct Factors {
  float global_mean = 0;
  std::vector<float> user_bias;
  std::vector<float> item_bias;
  Matrix user_factors;
  Matrix item_factors;

  Factors() = default;
  // Zero everywhere.
  Factors(Index num_users, Index num_items, Index factors);

  Index num_users() const { return static_cast<Index>(user_bias.size()); }
  Index num_items() const { return static_cast<Index>(item_bias.size()); }
  Index num_factors() const { return user_factors.cols(); }
  bool all_finite() const;
  // Whether the score of every user for every item is finite as well: numbers may be so large that
  // their products are not. By the bound |x . y| <= |x| |y|, with a margin for rounding.
  bool scores_are_finite() const;
  bool operator==(const Factors&) const = default;
};

// score(users[t], items[t]) for every t. A user or an item that came after training has an index
// beyond those that there are, and neither bias nor factors.
std::vector<float> scores(const Factors& factors, std::span<const Index> users,
                          std::span<const Index> items);

// What Adam remembers from step to step (palate/algorithms/gradient.h): with it a training goes on
// where another ended.
struct OptimizerState {
  std::uint64_t steps = 0;  // so far; at least 1
  Factors first_moment;     // m and v: a number for each of the factors', 0 for the mean
  Factors second_moment;
  bool operator==(const OptimizerState&) const = default;
};

}  // namespace palate
