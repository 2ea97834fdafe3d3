#include "palate/recommend/recommend.h"

#include <algorithm>
#include <numeric>

#include "linalg/top_list.h"
#include "recommend/scores.h"

namespace palate {

Query query_of_user(const Model& model, Index user) {
  return {model.factors.global_mean + model.factors.user_bias[user],
          model.factors.user_factors.row(user)};
}

Query query_of_unknown_user(const Model& model) { return {model.factors.global_mean, {}}; }

Query query_of_folded_user(const Model& model, const FoldedUser& user) {
  return {model.factors.global_mean + user.bias, user.factors};
}

bool may_be_listed(const Model& model, const RecommendOptions& options, Index item) {
  return model.item_support[item] >= options.min_support &&
         (!options.candidates || std::ranges::binary_search(*options.candidates, item)) &&
         !std::ranges::binary_search(options.denied, item);
}

float score(const Model& model, const Query& query, Index item) {
  const std::span<const float> factors = model.factors.item_factors.row(item);
  return std::inner_product(query.vector.begin(), query.vector.end(), factors.begin(),
                            query.base + model.factors.item_bias[item]);
}

float predict(const Model& model, const Query& query, std::optional<Index> item, bool clip) {
  const float predicted = item ? score(model, query, *item) : query.base;
  return clip && !is_preset(model.algorithm)
             ? std::clamp(predicted, model.range.low, model.range.high)
             : predicted;
}

namespace {

// Calls visit(item, score) for every item that may be listed, in order of index.
void for_each_candidate(const Model& model, const Query& query, const RecommendOptions& options,
                        std::span<const Index> excluded, auto&& visit) {
  for (Index item = 0; item < model.factors.num_items(); ++item) {
    if (!may_be_listed(model, options, item)) continue;
    if (std::ranges::binary_search(excluded, item)) continue;
    visit(Scored{item, score(model, query, item)});
  }
}

}  // namespace

std::vector<Recommendation> recommend(const Model& model, const Query& query,
                                      const RecommendOptions& options,
                                      std::span<const Index> excluded) {
  TopList best(options.count);
  for_each_candidate(model, query, options, excluded,
                     [&](const Scored& candidate) { best.add(candidate); });
  std::vector<Recommendation> list;
  for (const auto& [item, score] : best.take()) list.push_back({item, score});
  return list;
}

Standing standing(const Model& model, const Query& query, Index item,
                  const RecommendOptions& options, std::span<const Index> excluded) {
  const Scored own{item, score(model, query, item)};
  Standing standing{1, own.score};
  for_each_candidate(model, query, options, excluded, [&](const Scored& candidate) {
    standing.rank += ranks_before(candidate, own) ? 1 : 0;
  });
  return standing;
}

}  // namespace palate
