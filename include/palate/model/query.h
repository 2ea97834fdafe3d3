// What a user is to the items, and what is answered for one item. Layer: model.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "palate/data/interactions.h"
#include "palate/model/scorer.h"

namespace palate {

// score(i) = base + item_bias[i] + vector . item_factors[i]
//
// A view of a user of the model, or of a Query: it refers to what it was made of.
struct QueryView {
  float base = 0;                   // global mean + the user's bias
  std::span<const float> vector{};  // as long as a factor vector; empty: biases alone
  SparseRow seen{};                 // what lists leave out: items, ascending, with their ratings
};

// The same, of somebody who came after training; it owns what it is made of.
struct Query {
  float base = 0;
  std::vector<float> vector;
  RatedItems seen;
  operator QueryView() const { return {base, vector, seen.row()}; }
};

// A user of the scorer, who has seen `seen`.
QueryView query_of_user(const Scorer& scorer, Index user, SparseRow seen = {});

// Somebody of whom nothing is known gets the bias-only answer.
QueryView query_of_unknown_user(const Scorer& scorer);

// Somebody who gave these ratings to items of the scorer: the minimum of its row objective. For
// `als` it is a half-step of training, to the bit.
//
// Errors:  bad_data  ratings so large that the solution is not finite
Query fold_in(const Scorer& scorer, RatedItems ratings);

// By which items are ranked: not clipped.
float score(const Scorer& scorer, const QueryView& query, Index item);

// The predicted rating, clipped to the scorer's range unless told otherwise. `item` nothing: an
// item that came after training.
float predict(const Scorer& scorer, const QueryView& query, std::optional<Index> item,
              bool clip = true);

// The same for pairs of users and items by their indices, of which some may lie beyond the
// scorer's: those came after training.
std::vector<float> predict_pairs(const Scorer& scorer, std::span<const Index> users,
                                 std::span<const Index> items, bool clip = true);

}  // namespace palate
