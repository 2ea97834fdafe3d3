// Scores that are sums of item weights: palate/model/scorer.h has the formula.
//
// Products of two floats are exact in double, and items are added in their order: the same sum, to
// the bit, for one item and for all items at once.
#pragma once

#include <vector>

#include "linalg/sparse_sum.h"
#include "linalg/top_list.h"
#include "palate/model/query.h"

namespace palate {

// The weights of the items that a score is made of; none where they tell nothing.
RatedItems history_weights(const Scorer& scorer, const QueryView& query);

// What an item of this weight adds to the score of another.
double added_score(const Scorer& scorer, Index of, float weight, Index item);

// Adds the scores of all items.
void add_scores(const Scorer& scorer, const RatedItems& weights, SparseSum& sums);

// The matrix W of what each item i keeps: the items j with their weights W(j, i) as scores.
SparseMatrix by_chosen_item(const std::vector<std::vector<Scored>>& kept);

// The nearest float, however large the number is.
float to_float(double number);

}  // namespace palate
