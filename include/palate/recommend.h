// From a model to predictions and ranked lists. Layer: recommend.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "palate/fold_in.h"
#include "palate/model.h"

namespace palate {

// What a user is to the items. score(i) = base + item_bias[i] + vector . item_factors[i]
struct Query {
  float base = 0;                   // global mean + the user's bias
  std::span<const float> vector{};  // of the model's factors; empty: biases alone
};

Query query_of_user(const Model& model, Index user);
// A user nobody has seen gets the bias-only answer.
Query query_of_unknown_user(const Model& model);
// A user who came after training. Refers to `user`.
Query query_of_folded_user(const Model& model, const FoldedUser& user);

// The predicted rating, clipped to the model's range unless told otherwise; a preset's never is. `item` nothing: an item nobody has seen.
float predict(const Model& model, const Query& query, std::optional<Index> item, bool clip = true);

struct Recommendation {
  Index item = 0;
  float score = 0;  // not clipped: it ranks
};

struct RecommendOptions {
  Index count = 10;
  Index min_support = 5;  // items with fewer train ratings are left out: two people's liking is not to be trusted
};

// The best items for the query, best first; equal scores in order of item index. `excluded` (ascending) are left out.
std::vector<Recommendation> recommend(const Model& model, const Query& query, const RecommendOptions& options,
                                      std::span<const Index> excluded = {});

// Where an item stands in that list, were it long enough; an item that is left out of it has the place that it would have.
struct Standing {
  Index rank = 0;   // from 1
  float score = 0;  // not clipped
};
Standing standing(const Model& model, const Query& query, Index item, const RecommendOptions& options,
                  std::span<const Index> excluded = {});

}  // namespace palate
