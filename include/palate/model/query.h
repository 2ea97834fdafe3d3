// What a user is to the items, and what is answered for one item. Layer: model.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/data/interactions.h"
#include "palate/model/scorer.h"

namespace palate {

// score(i) = base + item_bias[i] + vector . item_factors[i]
//
// Where the scorer has item weights the score is made of the history instead, by the formula of
// palate/model/scorer.h. A view of a user of the model, or of a Query: it refers to what it was
// made of.
struct QueryView {
  float base = 0;                   // global mean + the user's bias
  std::span<const float> vector{};  // as long as a factor vector; empty: biases alone
  SparseRow seen{};                 // what lists leave out: items, ascending, with their ratings
  SparseRow history{};              // what scores of item weights are made of, in the same way
};

// The same of somebody who came after training. It owns what it is made of.
struct Query {
  float base = 0;
  std::vector<float> vector;
  RatedItems seen;
  RatedItems history{};  // for a scorer of item weights
  operator QueryView() const { return {base, vector, seen.row(), history.row()}; }
};

// A user of the scorer, who has seen these items. A scorer of item weights knows no more of a user
// than that.
QueryView query_of_user(const Scorer& scorer, Index user, SparseRow seen = {});

// Somebody of whom nothing is known gets the bias-only answer.
QueryView query_of_unknown_user(const Scorer& scorer);

// Somebody who gave these ratings to items of the scorer: the minimum of its row objective, or
// where it has item weights, the ratings themselves. Where it has neither, or no rating says
// anything, it is the answer for an unknown user.
//
// Errors:      bad_data  ratings so large that the solution is not finite; a negative weight
// Guarantees:  For als, bias and ials, solved exactly, it is a half-step of training, to the bit;
//              with item weights it is the answer for a user of the scorer with the same ratings.
Query fold_in(const Scorer& scorer, RatedItems ratings);

class FoldInItems;  // src/model/fold_in_items.h

// The same for one after the other: what they have in common is computed once. Any number of
// threads may fold in at the same time.
class FoldIn {
 public:
  explicit FoldIn(const Scorer& scorer);  // which outlives this
  Query operator()(RatedItems ratings) const;

 private:
  const Scorer& scorer_;
  std::shared_ptr<const FoldInItems> items_;  // what they have in common; null: no row objective
};

// The same for each row of users x items: query u is of row u.
std::vector<Query> fold_in(const Scorer& scorer, const SparseMatrix& ratings, Parallel& parallel);

// The same for some rows, each the one of a user: query n is of the row of users[n]. One that is
// not there has no ratings.
std::vector<Query> fold_in(const Scorer& scorer, const SparseMatrix& ratings,
                           std::span<const Index> users, Parallel& parallel);

// Whether the scorer knows no more of somebody than that they are a user: of an unknown one, of one
// without train ratings, of one whose ratings say nothing. Lists are then those of the items with
// the most ratings.
bool knows_nothing(const Scorer& scorer, const QueryView& query);

// The score by which items are ranked. It is not clipped, but for sums of item weights to the range
// of 32-bit numbers.
float score(const Scorer& scorer, const QueryView& query, Index item);

// The predicted rating, clipped to the scorer's range unless told otherwise. Without an `item` it
// is that of an item that came after training.
float predict(const Scorer& scorer, const QueryView& query, std::optional<Index> item,
              bool clip = true);

// The same for pairs of users and items by their indices, of which some may lie beyond the
// scorer's: those came after training. `seen` is what each user has rated, of which a scorer of
// item weights makes its scores.
std::vector<float> predict_pairs(const Scorer& scorer, std::span<const Index> users,
                                 std::span<const Index> items, bool clip = true,
                                 const SparseMatrix* seen = nullptr);

}  // namespace palate
