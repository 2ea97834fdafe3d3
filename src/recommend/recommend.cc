#include "palate/recommend.h"

#include <algorithm>
#include <numeric>

namespace palate {

Query query_of_user(const Model& model, Index user) {
  return {model.factors.global_mean + model.factors.user_bias[user], model.factors.user_factors.row(user)};
}

Query query_of_unknown_user(const Model& model) { return {model.factors.global_mean, {}}; }

namespace {

float score(const Model& model, const Query& query, Index item) {
  const std::span<const float> factors = model.factors.item_factors.row(item);
  return std::inner_product(query.vector.begin(), query.vector.end(), factors.begin(),
                            query.base + model.factors.item_bias[item]);
}

}  // namespace

float predict(const Model& model, const Query& query, std::optional<Index> item, bool clip) {
  const float predicted = item ? score(model, query, *item) : query.base;
  return clip && !is_preset(model.algorithm) ? std::clamp(predicted, model.range.low, model.range.high) : predicted;
}

std::vector<Recommendation> recommend(const Model& model, const Query& query, const RecommendOptions& options,
                                      std::span<const Index> excluded) {
  std::vector<Recommendation> list;
  for (Index item = 0; item < model.factors.num_items(); ++item) {
    if (model.item_support[item] < options.min_support) continue;
    if (std::ranges::binary_search(excluded, item)) continue;
    list.push_back({item, score(model, query, item)});
  }
  const auto better = [](const Recommendation& a, const Recommendation& b) {
    return a.score > b.score || (a.score == b.score && a.item < b.item);
  };
  const auto end = list.begin() + std::min<std::ptrdiff_t>(options.count, std::ssize(list));
  std::ranges::partial_sort(list, end, better);
  list.erase(end, list.end());
  return list;
}

}  // namespace palate
